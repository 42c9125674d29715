/**
 * Three sites with a network each, a node that talks in each, and real links between them: the smallest world in which
 * a fault of a link or of a node has two sides, and a third that must not notice.
 *
 *   a: talker-a ──── link-a-b ──── b: talker-b (a small disk), stubborn-b (ignores SIGTERM)
 *        └────────── link-a-c ──── c: talker-c
 */

import { fileURLToPath } from 'node:url'
import { DockerEngine } from '../../../chaos/engine/docker/engine.ts'
import type { Order } from '../../../chaos/faults/fault.ts'
import { View } from '../../../chaos/observers/view.ts'
import type { ToldTo } from '../../../chaos/scenarios/kinds.ts'
import { orderOf } from '../../../chaos/scenarios/order.ts'
import type { FaultKind, SpecOf } from '../../../chaos/scenarios/schema.ts'
import { waitUntil } from '../../../chaos/wait.ts'
import { down } from '../../../chaos/world/down.ts'
import { lockWorld } from '../../../chaos/world/lock.ts'
import { overlaps } from '../../../chaos/world/settings.ts'
import { UndoLedger } from '../../../chaos/world/undo.ts'
import { type TestContext, testContext } from './context.ts'
import { freePort } from './free-port.ts'
import { isOurs } from './lane.ts'
import { LocalSpeaker, nowMs, type Speaker } from './wire.ts'

/** Latency of each link, one way, as its own base toxic: faults must leave it alone. */
export const baseLatencyMs = 5
export const dataPort = 7000
const controlPort = 7001
const harness = fileURLToPath(new URL('.', import.meta.url))

/**
 * It belongs to the image's user: on a second start the engine takes the mode of the folder below, whatever is asked
 * for here.
 */
/** No folder should be called so, and yet one may be: what a shell would make of it must not matter. */
const diskPath = '/its "data"; $(false) \'of\' b'
const smallDisk = 'size=16m,mode=755,uid=10001,gid=10001'

const names = ['talker-a', 'talker-b', 'stubborn-b', 'talker-c'] as const
export type NodeName = (typeof names)[number]

/** The last byte of each address: a site has 64. */
const addresses: Record<NodeName, { site: string; last: number }> = {
  'talker-a': { site: 'a', last: 4 },
  'talker-b': { site: 'b', last: 68 },
  'stubborn-b': { site: 'b', last: 69 },
  'talker-c': { site: 'c', last: 132 },
}
const subnets: Record<string, number> = { a: 0, b: 64, c: 128 }
/** Each node has its own port on a link, so that one link serves many. */
const linkPorts: Record<NodeName, number> = { 'talker-a': 7101, 'talker-b': 7102, 'stubborn-b': 7103, 'talker-c': 7104 }

export interface Sites extends AsyncDisposable {
  name: string
  engine: DockerEngine
  context: TestContext
  /** Who can open connections: each node, and this process. */
  speakers: Record<NodeName | 'host', Speaker>
  /** Where a speaker finds a node: by its name, through the link, or from the host at its published port. */
  wayTo(node: NodeName, from: NodeName | 'host'): { host: string; port: number }
  orderOf<K extends FaultKind>(spec: SpecOf<K>): Order<ToldTo<K>>
}

/** Brings the sites up and waits until all talk. Disposing removes everything. */
export async function bringUpSites(name: string): Promise<Sites> {
  const engine = new DockerEngine()
  await down(engine, name)
  // So that the clean-up of another checkout's tests leaves it alone.
  const lock = lockWorld(name)
  const remove = async () => {
    await down(engine, name)
    lock[Symbol.dispose]()
  }
  await using failing = new AsyncDisposableStack()
  failing.defer(remove)
  const net = await freeNet(engine)
  for (const [site, first] of Object.entries(subnets)) {
    await engine.docker.createNetwork({
      Name: `${name}-${site}`,
      Labels: { 'blackstart.world': name, 'blackstart.site': site },
      IPAM: { Config: [{ Subnet: `${net}.${first}/26` }] },
    })
  }
  const ports = Object.fromEntries(
    await Promise.all(names.map(async (node) => [node, { data: await freePort(), control: await freePort() }])),
  ) as Record<NodeName, Ports>
  await Promise.all([
    ...names.map((node) => startTalker(engine, name, net, node, ports[node])),
    startLink(engine, name, net, ['a', 'b']),
    startLink(engine, name, net, ['a', 'c']),
  ])
  const sites = await sitesOf(engine, name, ports, remove)
  failing.move()
  return sites
}

interface Ports {
  data: number
  control: number
}

async function sitesOf(
  engine: DockerEngine,
  name: string,
  ports: Record<NodeName, Ports>,
  remove: () => Promise<void>,
): Promise<Sites> {
  const topology = await engine.topology(name)
  const undo = new UndoLedger({ world: name, engine, topology: () => engine.topology(name) })
  const context = testContext({ engine, topology, view: new View(), now: nowMs, undo })
  const remote = Object.fromEntries(names.map((node) => [node, remoteSpeaker(ports[node].control)])) as Record<
    NodeName,
    Speaker
  >
  const speakers = { host: new LocalSpeaker(), ...remote }
  const sites: Sites = {
    name,
    engine,
    context,
    speakers,
    wayTo(node, from) {
      if (from === 'host') return { host: '127.0.0.1', port: ports[node].data }
      return { host: node, port: addresses[node].site === addresses[from].site ? dataPort : linkPorts[node] }
    },
    orderOf: (spec) => orderOf(spec, topology, { primary: undefined }),
    async [Symbol.asyncDispose]() {
      await speakers.host.forget()
      await remove()
    },
  }
  await allTalk(sites)
  return sites
}

/** Waits until every node answers and every link relays in both directions. */
export async function allTalk({ speakers, wayTo }: Pick<Sites, 'speakers' | 'wayTo'>): Promise<void> {
  const pairs = [
    ['talker-a', 'talker-b'],
    ['talker-b', 'talker-a'],
    ['talker-a', 'stubborn-b'],
    ['talker-a', 'talker-c'],
    ['talker-c', 'talker-a'],
  ] as const
  await Promise.all(
    pairs.map(([from, to]) =>
      waitUntil(
        async () => {
          const id = `try-${to}-${nowMs()}`
          try {
            const { host, port } = wayTo(to, from)
            await speakers[from].open(id, host, port)
            await speakers[from].ask(id, 'ping')
            await new Promise((resolve) => setTimeout(resolve, 100))
            const { opened } = await speakers[from].transcripts()
            return opened[id]?.asked[0]?.answer
              ? { done: true, value: undefined }
              : { done: false, seen: JSON.stringify(opened[id]) }
          } catch (error) {
            return { done: false, seen: String(error) }
          }
        },
        { until: `${from} talks with ${to}`, limitMs: 30_000, everyMs: 50 },
      ),
    ),
  )
  await Promise.all(Object.values(speakers).map((speaker) => speaker.forget()))
}

/** A container with addresses of its own; it is started when it is in all of its networks. */
async function start(
  engine: DockerEngine,
  world: string,
  {
    service,
    image,
    labels,
    networks,
    ...rest
  }: {
    service: string
    image: string
    labels: Record<string, string>
    networks: { site: string; address: string; aliases: string[] }[]
    cmd: string[]
    entrypoint?: string[]
    env?: string[]
    host: object
    ports: Record<number, number | ''>
    stopTimeout?: number
  },
): Promise<void> {
  const endpoint = ({ address, aliases }: { address: string; aliases: string[] }) => ({
    IPAMConfig: { IPv4Address: address },
    Aliases: aliases,
  })
  const [first, ...others] = networks
  if (!first) throw new Error(`${service} stands in no network`)
  const container = await engine.docker.createContainer({
    name: `${world}-${service}`,
    Image: image,
    Cmd: rest.cmd,
    Env: rest.env ?? [],
    ...(rest.entrypoint && { Entrypoint: rest.entrypoint }),
    Labels: { 'blackstart.world': world, 'com.docker.compose.service': service, ...labels },
    ExposedPorts: Object.fromEntries(Object.keys(rest.ports).map((port) => [`${port}/tcp`, {}])),
    ...(rest.stopTimeout !== undefined && { StopTimeout: rest.stopTimeout }),
    HostConfig: {
      ...rest.host,
      NetworkMode: `${world}-${first.site}`,
      PortBindings: Object.fromEntries(
        Object.entries(rest.ports).map(([port, published]) => [
          `${port}/tcp`,
          [{ HostIp: '127.0.0.1', HostPort: String(published) }],
        ]),
      ),
    },
    NetworkingConfig: { EndpointsConfig: { [`${world}-${first.site}`]: endpoint(first) } },
  })
  for (const network of others)
    await engine.docker
      .getNetwork(`${world}-${network.site}`)
      .connect({ Container: container.id, EndpointConfig: endpoint(network) })
  await container.start()
}

async function startTalker(
  engine: DockerEngine,
  world: string,
  net: string,
  node: NodeName,
  { data, control }: Ports,
): Promise<void> {
  const { site, last } = addresses[node]
  await start(engine, world, {
    service: node,
    image: 'blackstart/services',
    cmd: ['/harness/talker.ts'],
    env: [`DATA=${diskPath}`, ...(node === 'stubborn-b' ? ['STUBBORN=1'] : [])],
    stopTimeout: 2,
    // Published at fixed ports: a container that is started again would get others.
    ports: { [dataPort]: data, [controlPort]: control },
    networks: [{ site, address: `${net}.${last}`, aliases: [node] }],
    host: {
      Binds: [`${harness}:/harness:ro,z`],
      ...(node === 'talker-b' && {
        Tmpfs: { [diskPath]: smallDisk },
        // One that can be lost.
        Mounts: [{ Type: 'volume', Source: '', Target: '/kept' }],
      }),
    },
    labels: {
      'blackstart.role': 'app',
      'blackstart.region': site,
      'blackstart.port.control': String(controlPort),
      'blackstart.port.data': String(dataPort),
      // talker-c says where its data is, but that is no disk of its own.
      ...(node === 'talker-b' && { 'blackstart.disk.path': diskPath }),
      ...(node === 'talker-c' && { 'blackstart.disk.path': '/tmp' }),
    },
  })
}

/**
 * The project's own image for links, with its base latency; the proxies come by the environment instead of a file of
 * their own.
 */
async function startLink(engine: DockerEngine, world: string, net: string, ends: [string, string]): Promise<void> {
  const linked = names.filter((node) => ends.includes(addresses[node].site))
  const proxies = linked.map((node) => ({
    name: `${node}.data`,
    listen: `0.0.0.0:${linkPorts[node]}`,
    upstream: `${node}.direct:${dataPort}`,
    enabled: true,
  }))
  await start(engine, world, {
    service: `link-${ends.join('-')}`,
    image: 'blackstart/link',
    entrypoint: ['link', '/tmp/link.json'],
    cmd: [],
    // link.sh reads a line a proxy.
    env: [
      `PROXIES=[${proxies.map((proxy) => `\n${JSON.stringify(proxy)}`).join(',')}\n]`,
      `LATENCY_MS=${baseLatencyMs}`,
    ],
    ports: { 8474: await freePort() },
    networks: ends.map((site) => ({
      site,
      address: `${net}.${(subnets[site] ?? 0) + (ends[1] === 'b' ? 30 : 31)}`,
      aliases: linked.filter((node) => addresses[node].site !== site),
    })),
    host: { ExtraHosts: linked.map((node) => `${node}.direct:${net}.${addresses[node].last}`) },
    labels: {
      'blackstart.role': 'link',
      'blackstart.link': ends.join(','),
      'blackstart.link.latency-ms': String(baseLatencyMs),
      'blackstart.port.api': '8474',
    },
  })
}

/** A speaker behind a control port. Its clock is set with `agreeOnTime`. */
function remoteSpeaker(port: number): Speaker {
  const call =
    (method: keyof Speaker) =>
    async (...args: unknown[]) => {
      const response = await fetch(`http://127.0.0.1:${port}/`, {
        method: 'POST',
        body: JSON.stringify({ method, args }),
        signal: AbortSignal.timeout(5_000),
      })
      if (!response.ok)
        throw new Error(`a talker was told to ${method} and answered ${response.status}: ${await response.text()}`)
      return (await response.json()) as never
    }
  return {
    open: call('open'),
    ask: call('ask'),
    talk: call('talk'),
    hush: call('hush'),
    transcripts: call('transcripts'),
    forget: call('forget'),
    now: call('now'),
    shift: call('shift'),
  }
}

/**
 * Sets every node's clock by this process's: the engine may run on another kernel than we do, and a node that was
 * restarted forgot.
 */
export async function agreeOnTime({ speakers }: Sites): Promise<void> {
  await Promise.all(
    Object.entries(speakers)
      .filter(([name]) => name !== 'host')
      .map(async ([, speaker]) => {
        let best = { tookMs: Infinity, byMs: 0 }
        for (let tries = 0; tries < 5; tries++) {
          const startMs = nowMs()
          const theirsMs = await speaker.now()
          const tookMs = nowMs() - startMs
          if (tookMs < best.tookMs) best = { tookMs, byMs: startMs + tookMs / 2 - theirsMs }
        }
        // Nothing to put right where the difference is less than the measurement can tell: one kernel, one clock.
        if (Math.abs(best.byMs) > best.tookMs / 2) await speaker.shift(best.byMs)
      }),
  )
}

async function freeNet(engine: DockerEngine): Promise<string> {
  const taken = (await engine.docker.listNetworks()).flatMap(
    (network) => network.IPAM?.Config?.flatMap((config) => config.Subnet ?? []) ?? [],
  )
  const free = Array.from({ length: 128 }, (_, index) => 255 - index)
    .filter(isOurs)
    .map((third) => `198.19.${third}`)
    .find((net) => !taken.some((subnet) => overlaps(subnet, net)))
  if (!free) throw new Error('every network from 198.19.128.0 to 198.19.255.0 is taken')
  return free
}
