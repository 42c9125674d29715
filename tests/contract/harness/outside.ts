/**
 * A look at a quick world from outside: by the engine, the kernel, netfilter, Toxiproxy and the nodes themselves. It
 * shares nothing with the code that heals but the names of things.
 */
import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import Docker, { type ContainerInspectInfo } from 'dockerode'
import { workRoot } from '../../../chaos/roots.ts'
import { waitUntil } from '../../../chaos/wait.ts'
import { linkName, names, sound } from './quick-world.ts'

const docker = new Docker()
const limitMs = 2_000
const run = promisify(execFile)

export interface ToxicSeen {
  name: string
  type: string
  stream: string
  attributes: Record<string, number>
}

/** Everything that a fault can change, as it is now. What cannot be asked is undefined: a dead link has no toxics. */
export interface Sight {
  /** Service → how the engine calls its state; containers beyond the world's own have their role and name. */
  states: Record<string, string>
  /** Service → "quota/period" as the engine was told, and as the kernel does it where that can be read. */
  quotas: Record<string, { engine: string; kernel: string | undefined }>
  proxies: Record<string, { enabled: boolean; toxics: ToxicSeen[] }> | undefined
  /** Every table in the link's network namespace, but for the engine's own (by which names are looked up). */
  tables: string[] | undefined
  disk: { files: string[]; freeBytes: number } | undefined
  undo: string[]
}

export const noQuota = 'none'

/** One look at all of it. The engine is asked last: what is still under way shows there. */
export async function lookAtWorld(world: string, { tables: withTables = true } = {}): Promise<Sight> {
  const first = await containersOf(world)
  const up = (service: string) =>
    first.find((container) => serviceOf(container) === service && container.State.Running && !container.State.Paused)
  const [linkUp, diskUp] = [up(linkName), up('disk-1')]
  const [proxies, tables, disk] = await Promise.all([
    linkUp && proxiesOf(linkUp),
    withTables && linkUp ? tablesAt(linkUp.Id) : undefined,
    diskUp && diskOf(diskUp.Id),
  ])
  const containers = await containersOf(world)
  return {
    states: Object.fromEntries(
      containers
        .map((container) => [serviceOf(container), container.State.Paused ? 'paused' : container.State.Status])
        .toSorted(),
    ),
    quotas: Object.fromEntries(containers.map((container) => [serviceOf(container), quotaOf(container)])),
    proxies,
    tables,
    disk,
    undo: undoOf(world),
  }
}

/** What is not as it was before all faults, one sentence each; empty when nothing is left of any. */
export function leftIn({ states, quotas, proxies, tables, disk, undo }: Sight): string[] {
  const left: string[] = []
  for (const service of names.nodes)
    if (states[service] !== 'running') left.push(`${service} is ${states[service] ?? 'not there'}`)
  for (const [service, state] of Object.entries(states))
    if (!(names.nodes as readonly string[]).includes(service)) left.push(`a container is left: ${service} (${state})`)
  for (const [service, { engine, kernel }] of Object.entries(quotas)) {
    const own = sound.quotas[service] ? `${sound.quotas[service].quotaUs}/${sound.quotas[service].periodUs}` : noQuota
    if (engine !== own) left.push(`${service} has the quota ${engine}, not ${own}`)
    if (kernel !== undefined && kernel !== own)
      left.push(`${service} has the quota ${kernel} in the kernel, not ${own}`)
  }
  for (const name of Object.keys(sound.proxies)) left.push(...leftAt(name, proxies?.[name]))
  if (tables?.length !== 0) left.push(`netfilter at the link has ${tables?.join(', ') ?? 'not been seen'}`)
  if (disk?.files.length !== 0) left.push(`the disk holds ${disk?.files.join(', ') ?? 'nothing that could be seen'}`)
  if (disk && disk.freeBytes < sound.diskBytes)
    left.push(`the disk has ${disk.freeBytes} bytes free, not ${sound.diskBytes}`)
  for (const entry of undo) left.push(`the undo ledger has ${entry}`)
  return left
}

function leftAt(name: string, proxy: { enabled: boolean; toxics: ToxicSeen[] } | undefined): string[] {
  if (!proxy) return [`the proxy ${name} could not be seen`]
  const has = proxy.toxics
    .map(({ name, type, stream, attributes }) => `${name} (${type} ${stream} ${attributes['latency'] ?? ''})`)
    .toSorted()
  const base = [`base-down (latency downstream ${sound.latencyMs})`, `base-up (latency upstream ${sound.latencyMs})`]
  return [
    ...(proxy.enabled ? [] : [`the proxy ${name} is disabled`]),
    ...has.filter((toxic) => !base.includes(toxic)).map((toxic) => `the proxy ${name} has the toxic ${toxic}`),
    ...base.filter((toxic) => !has.includes(toxic)).map((toxic) => `the proxy ${name} lacks the toxic ${toxic}`),
  ]
}

/**
 * Whether a byte goes through the link and comes back, for a connection from either side. One sentence for each that
 * does not.
 */
export async function bytesStuck(world: string): Promise<string[]> {
  const containers = await containersOf(world)
  const stuck = await Promise.all(
    (
      [
        ['east-1', 'west-1'],
        ['west-1', 'east-1'],
      ] as const
    ).map(async ([from, to]) => {
      const asked = containers.find((container) => serviceOf(container) === from)
      const url = `http://127.0.0.1:${asked && publishedAt(asked, 8000)}/?host=${to}&port=${sound.proxies[`${to}.echo`]}`
      const said = await fetch(url, { signal: AbortSignal.timeout(limitMs) }).then(
        (response) => response.text(),
        (error: unknown) => String(error),
      )
      return said === 'x' ? [] : [`a byte from ${from} to ${to} did not come back: ${said}`]
    }),
  )
  return stuck.flat()
}

/**
 * Looks until nothing is left, for as long as a node takes to boot, and then once more: what was under way in the
 * engine when the world was healed, or has been, takes hold a little later. Returns what was left at the last look.
 */
export async function leftovers(world: string, { bootMs = 8_000, settleMs = 400 } = {}): Promise<string[]> {
  const startMs = performance.now()
  for (;;) {
    const left = [...leftIn(await lookAtWorld(world)), ...(await bytesStuck(world))]
    const tookMs = performance.now() - startMs
    if (left.length === 0 && tookMs >= settleMs) return []
    if (tookMs > bootMs) return left
    await delay(left.length === 0 ? settleMs - tookMs : 100)
  }
}

/** All containers of a world, by its label; those that go meanwhile are left out. */
export async function containersOf(world: string): Promise<ContainerInspectInfo[]> {
  const found = await docker.listContainers({ all: true, filters: { label: [`blackstart.world=${world}`] } })
  const looks = await Promise.all(
    found.map(({ Id }) =>
      docker
        .getContainer(Id)
        .inspect()
        .catch((error: { statusCode?: number }) => {
          if (error.statusCode !== 404) throw error
        }),
    ),
  )
  return looks.filter((look) => look !== undefined)
}

/** By its name, which is nobody else's: two helpers, or a second `east-1`, must not be taken for one. */
function serviceOf({ Config, Name }: ContainerInspectInfo): string {
  const name = Name.replace(/^\//, '')
  const service = names.nodes.find((node) => name === `${Config.Labels['blackstart.world']}-${node}`)
  return service ?? `${Config.Labels['blackstart.role'] ?? 'other'} ${name}`
}

function publishedAt({ NetworkSettings }: ContainerInspectInfo, port: number): string | undefined {
  return NetworkSettings.Ports[`${port}/tcp`]?.[0]?.HostPort
}

function quotaOf({ HostConfig, State }: ContainerInspectInfo): { engine: string; kernel: string | undefined } {
  const { CpuQuota = 0, CpuPeriod = 0, NanoCpus = 0 } = HostConfig
  const engine =
    NanoCpus > 0 ? `${NanoCpus} billionths of a core` : CpuQuota > 0 ? `${CpuQuota}/${CpuPeriod || 100_000}` : noQuota
  return { engine, kernel: State.Running ? kernelQuota(State.Pid) : undefined }
}

/** What the kernel does, by control groups of version 1 or 2; undefined where they cannot be read from here. */
function kernelQuota(pid: number): string | undefined {
  try {
    const lines = readFileSync(`/proc/${pid}/cgroup`, 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split(':'))
    const cpu = lines.find(([, controllers]) => controllers?.split(',').includes('cpu'))
    const path = cpu?.[2] ?? lines.find(([id]) => id === '0')?.[2]
    const read = (file: string) => readFileSync(`/sys/fs/cgroup/${cpu ? 'cpu' : ''}${path}/${file}`, 'utf8').trim()
    const [quota = '', period = ''] = cpu
      ? [read('cpu.cfs_quota_us'), read('cpu.cfs_period_us')]
      : read('cpu.max').split(' ')
    return quota === 'max' || Number(quota) <= 0 ? noQuota : `${quota}/${period}`
  } catch {
    return undefined
  }
}

/** The link's proxies with their toxics; undefined while it does not answer. */
export async function proxiesNow(world: string): Promise<Sight['proxies']> {
  const found = (await containersOf(world)).find((container) => serviceOf(container) === linkName)
  return found && proxiesOf(found)
}

/** Waits until every proxy of the link has its base latency, and nothing more. */
export async function untilLinkIsSound(world: string, { limitMs }: { limitMs: number }): Promise<void> {
  await waitUntil(
    async () => {
      const proxies = Object.values((await proxiesNow(world)) ?? {})
      return proxies.length > 0 && proxies.every(({ toxics }) => toxics.length === 2)
        ? { done: true, value: undefined }
        : { done: false, seen: JSON.stringify(proxies) }
    },
    { until: 'the link is as it was', limitMs, everyMs: 20 },
  )
}

async function proxiesOf(container: ContainerInspectInfo): Promise<Sight['proxies']> {
  const response = await fetch(`http://127.0.0.1:${publishedAt(container, 8474)}/proxies`, {
    signal: AbortSignal.timeout(limitMs),
  }).catch(() => undefined)
  return response?.ok ? ((await response.json()) as Sight['proxies']) : undefined
}

/** Asks netfilter itself, from a container that is there for this alone. */
async function tablesAt(id: string): Promise<string[] | undefined> {
  const command = [
    'run',
    '--rm',
    '--network',
    `container:${id}`,
    '--cap-add',
    'NET_ADMIN',
    'blackstart/helper',
    'nft',
    'list',
    'ruleset',
  ]
  const { stdout } = await run('docker', command).catch(() => ({ stdout: undefined }))
  if (stdout === undefined) return undefined
  return [...stdout.matchAll(/^table (.*) \{$/gm)]
    .map(([, name]) => name ?? '')
    .filter((name) => !/^ip6? nat$/.test(name))
}

async function diskOf(id: string): Promise<Sight['disk']> {
  const script = `ls -A ${sound.diskPath}; df -B1 --output=avail ${sound.diskPath} | tail -1`
  const { stdout } = await run('docker', ['exec', '--user', 'root', id, 'sh', '-c', script]).catch(() => ({
    stdout: '',
  }))
  const lines = stdout.trim().split('\n')
  return stdout === '' ? undefined : { files: lines.slice(0, -1), freeBytes: Number(lines.at(-1)) }
}

function undoOf(world: string): string[] {
  const folder = `${workRoot()}/.blackstart/worlds/${world}/undo`
  return existsSync(folder) ? readdirSync(folder).toSorted() : []
}
