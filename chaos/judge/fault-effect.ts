/** Does what a fault is said to change fit what it acted upon? Only journals that record the effect can be asked. */
import type { EventOf } from '../journal/schema.ts'
import { beaconOf, type Topology } from '../topology/topology.ts'
import type { Defect } from './validity-load.ts'
import { some } from './words.ts'

type Requested = EventOf<'fault.requested'>
type Effect = NonNullable<Requested['effect']>

/** Nodes that an effect names, in whatever state. */
function nodesOf({ gone = [], mute = [], unsettled = [], isolated = [] }: Effect): string[] {
  return [...gone, ...mute, ...unsettled, ...isolated]
}

/** Why the request contradicts itself; undefined where it does not. */
export function effectDefect(requested: Requested, topology: Topology): Defect {
  const { nodes, links, expectGone, effect, lasting = {}, planned, target, disturbed = [] } = requested
  const nowhere = nodes.length + links.length === 0 && target.scope !== 'nothing'
  if (effect === undefined)
    return nowhere && expectGone.nodes.length > 0 ? 'it is not said on what it acted' : undefined
  if (nowhere && planned !== true) return 'it is not said on what it acted'
  for (const [when, changed] of [
    ['because of it', nodesOf(effect)],
    ['while it lasts', nodesOf(lasting)],
  ] as const) {
    const spared = nodes.filter((name) => !changed.includes(name))
    if (spared.length > 0) return `it acted on ${some(spared)}, and nothing is said to be different there ${when}`
    const strange = changed.filter((name) => !nodes.includes(name))
    if (strange.length > 0) return `${some(strange)} is said to be different, and it did not act there`
  }
  const gone = (effect.gone ?? []).filter((name) => !(effect.unsettled ?? []).includes(name))
  const forgotten = [
    ...gone.filter((name) => !expectGone.nodes.includes(name)),
    ...[...nodesOf(effect), ...nodesOf(lasting)].filter((name) => !disturbed.includes(name)),
  ]
  if (forgotten.length > 0) return `${some([...new Set(forgotten)])} is not among the nodes that it disturbs`
  const more = disturbed.filter((name) => !nodes.includes(name))
  if (more.length > 0) return `${some(more)} is said to be disturbed, and it did not act there`
  const spared = expectGone.nodes.filter((name) => !gone.includes(name))
  if (spared.length > 0) return `${some(spared)} is said to be gone because of it, and it does not take that away`
  return directionDefect({ effect, lasting, links }, topology) ?? silenceDefect(requested, topology)
}

/** It silences only what the links carry on which it acted. */
function directionDefect(
  { effect, lasting, links }: { effect: Effect; lasting: Effect; links: readonly string[] },
  topology: Topology,
): Defect {
  const ways = [effect, lasting].flatMap(({ silent = [], loose = [] }) => [...silent, ...loose])
  const carried = topology.links.filter(({ name }) => links.includes(name)).map(({ sites }) => sites)
  const strange = ways.find(({ from, to }) => !carried.some((sites) => sites.includes(from) && sites.includes(to)))
  return strange && `${strange.from}>${strange.to} is said to be silent, and it acted on no link between them`
}

/** No ping is answered where it silences a direction, or takes away the link or a beacon at one of its ends. */
function silenceDefect({ effect = {}, expectGone }: Requested, topology: Topology): Defect {
  const changed = nodesOf(effect)
  const ways = [...(effect.silent ?? []), ...(effect.loose ?? [])]
  const strange = expectGone.edges.find(
    ({ from, to }) =>
      !ways.some((way) => [from, to].includes(way.from) && [from, to].includes(way.to)) &&
      ![from, to].some((site) => changed.includes(beaconOf(topology, site)?.name ?? '')) &&
      !topology.links.some(({ name, sites }) => changed.includes(name) && sites.includes(from) && sites.includes(to)),
  )
  return strange && `${strange.from}>${strange.to} is said to be silent because of it, and it changes nothing there`
}
