/**
 * What faults that are active change in a quick world, in the terms of those who can be asked; written from what each
 * kind models.
 */
import type { SpecOf } from '../../../chaos/scenarios/schema.ts'
import type { Ordered } from './orders.ts'
import { leftIn, noQuota, type Sight, type ToxicSeen } from './outside.ts'
import { linkName, names, sound } from './quick-world.ts'

export interface Shown extends Ordered {
  faultId: string
}

/** How a sight differs from that of a world in which exactly these faults are active, one sentence each. */
export function differences(sight: Sight, shown: Shown[]): string[] {
  // Without any, it is the look for what is left.
  if (shown.length === 0) return leftIn(sight)
  const linkUp = stateOf(linkName, shown).includes('running') && stateOf(linkName, shown).length === 1
  return [
    ...statesDiffer(sight, shown),
    ...quotasDiffer(sight, shown),
    ...diskDiffers(sight, shown),
    ...undoDiffers(sight, shown),
    ...(linkUp ? [...proxiesDiffer(sight, shown), ...tablesDiffer(sight, shown)] : []),
  ]
}

/** The states in which a service may be. */
function stateOf(service: string, shown: Shown[]): string[] {
  const kind = shown.find(
    ({ fault, order }) => fault.actsOn === 'nodes' && order.target.nodes.some(({ name }) => name === service),
  )?.order.spec.kind
  if (kind === 'kill' || kind === 'disk-loss' || kind === 'drain') return ['exited']
  if (kind === 'crash-loop') return ['exited', 'running']
  return [kind === 'pause' ? 'paused' : 'running']
}

/** Helpers of active faults come and go with them; when nothing is active, `leftIn` wants none. */
function statesDiffer({ states }: Sight, shown: Shown[]): string[] {
  const wrong = names.nodes.flatMap((service) => {
    const may = stateOf(service, shown)
    return may.includes(states[service] ?? '') ? [] : [`${service} is ${states[service]}, not ${may.join(' or ')}`]
  })
  const helpers = Object.keys(states).filter((service) => !(names.nodes as readonly string[]).includes(service))
  const wanted = shown.filter(
    ({ spec }) => usesRules(spec) || spec.kind === 'isolate' || (spec.kind === 'flap' && spec.with.of === 'blackhole'),
  ).length
  return helpers.length !== wanted
    ? [
        ...wrong,
        `${helpers.length} helpers, not ${wanted}: ${helpers.map((name) => `${name} (${states[name]})`).join(', ')}`,
      ]
    : wrong
}

/** At the link. */
function usesRules({ kind }: Shown['spec']): boolean {
  return kind === 'blackhole' || kind === 'partial' || kind === 'loss'
}

function quotasDiffer({ quotas }: Sight, shown: Shown[]): string[] {
  return names.nodes.flatMap((service) => {
    const starving = shown.find(
      ({ spec, order }) => spec.kind === 'cpu-starve' && order.target.nodes.some(({ name }) => name === service),
    )?.spec as SpecOf<'cpu-starve'> | undefined
    const own = sound.quotas[service] ? sound.quotas[service].quotaUs / sound.quotas[service].periodUs : Infinity
    const wanted = starving ? starving.with.cores : own
    const { engine = '', kernel } = quotas[service] ?? {}
    return (
      [
        ['the engine', engine],
        ['the kernel', kernel],
      ] as const
    ).flatMap(([who, quota]) =>
      quota === undefined || near(coresOf(quota), wanted)
        ? []
        : [`${service} has ${quota} by ${who}, not ${wanted} cores`],
    )
  })
}

function coresOf(quota: string): number {
  const [part = '', whole = ''] = quota.split('/')
  return quota === noQuota ? Infinity : Number(part) / Number(whole)
}

function near(a: number, b: number): boolean {
  return a === b || Math.abs(a - b) < 0.001
}

function diskDiffers({ disk }: Sight, shown: Shown[]): string[] {
  const full = shown.some(({ spec }) => spec.kind === 'disk-full')
  // A node that does not run cannot be asked.
  if (!disk || stateOf('disk-1', shown).join() !== 'running') return []
  const is = disk.files.length === 1 && disk.freeBytes === 0
  const was = disk.files.length === 0 && disk.freeBytes === sound.diskBytes
  return (full ? is : was)
    ? []
    : [
        `the disk holds ${disk.files.join(', ') || 'nothing'} and has ${disk.freeBytes} bytes free; disk-full is ${full ? '' : 'not '}active`,
      ]
}

function undoDiffers({ undo }: Sight, shown: Shown[]): string[] {
  const wanted = shown.map(({ faultId }) => `${faultId}.json`).toSorted()
  return undo.join() === wanted.join()
    ? []
    : [`the undo ledger has ${undo.join(', ') || 'nothing'}, not ${wanted.join(', ')}`]
}

function tablesDiffer({ tables }: Sight, shown: Shown[]): string[] {
  const least = shown.filter(({ spec }) => usesRules(spec)).length
  const most = least + shown.filter(({ spec }) => spec.kind === 'flap' && spec.with.of === 'blackhole').length
  return tables && tables.length >= least && tables.length <= most
    ? []
    : [`netfilter at the link has ${tables?.length} tables, not ${least} to ${most}`]
}

/** A toxic by what it does, without its name. */
type Effect = string
function effectOf({ type, stream, attributes: { timeout, latency, jitter, rate } }: Omit<ToxicSeen, 'name'>): Effect {
  return JSON.stringify({ type, stream, timeout, latency, jitter, rate })
}
const both = (type: string, attributes: Record<string, number>): Effect[] =>
  ['upstream', 'downstream'].map((stream) => effectOf({ type, stream, attributes }))
const base = both('latency', { latency: sound.latencyMs, jitter: 0 })

function proxiesDiffer({ proxies }: Sight, shown: Shown[]): string[] {
  const disabling = shown.some(({ spec }) => spec.kind === 'refuse')
  const flapping = shown.flatMap(({ spec }) => (spec.kind === 'flap' ? [spec.with.of] : []))
  return Object.keys(sound.proxies).flatMap((name) => {
    const proxy = proxies?.[name]
    if (!proxy) return [`the proxy ${name} cannot be seen`]
    const wanted = [...base, ...shown.flatMap((each) => toxicsOf(each, name))].toSorted()
    const maybe = flapping.includes('hang') ? both('timeout', { timeout: 0 }) : []
    const has = proxy.toxics.map(effectOf).toSorted()
    const fits = has.join() === wanted.join() || has.join() === [...wanted, ...maybe].toSorted().join()
    const onOff = flapping.includes('refuse') || proxy.enabled === !disabling
    return [
      ...(fits ? [] : [`the proxy ${name} has ${has.join(' ')}, not ${wanted.join(' ')}`]),
      ...(onOff ? [] : [`the proxy ${name} is ${proxy.enabled ? 'enabled' : 'disabled'}`]),
    ]
  })
}

/** What a fault adds to a proxy. */
function toxicsOf({ spec, order: { target } }: Shown, proxy: string): Effect[] {
  switch (spec.kind) {
    case 'hang':
      return both('timeout', { timeout: 0 })
    case 'reset':
      return both('reset_peer', { timeout: 0 })
    case 'slow':
      return both('latency', { latency: spec.with.latencyMs, jitter: 0 })
    case 'jitter':
      return both('latency', { latency: spec.with.jitterMs / 2, jitter: spec.with.jitterMs / 2 })
    case 'bandwidth':
      return both('bandwidth', { rate: spec.with.kilobytesPerSecond })
    case 'one-way': {
      // Upstream leads to the node that the proxy is named after.
      const towards = proxy.startsWith(target.site ?? '') ? 'in' : 'out'
      return [
        effectOf({
          type: 'timeout',
          stream: spec.with.direction === towards ? 'upstream' : 'downstream',
          attributes: { timeout: 0 },
        }),
      ]
    }
    default:
      return []
  }
}
