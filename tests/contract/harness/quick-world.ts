/**
 * The smallest world with all that faults act on, quick to kill and to start again:
 *
 *   east: east-1 (a volume) ──── link-east-west ──── west: west-1 (a quota of processor time of its own), disk-1 (a disk of its own)
 *
 * Each node echoes bytes, asks others to echo some when it is told to, and takes its time to end when it is asked to.
 */

import type { ContainerCreateOptions, HostConfig } from 'dockerode'
import { DockerEngine } from '../../../chaos/engine/docker/engine.ts'
import { View } from '../../../chaos/observers/view.ts'
import { words } from '../../../chaos/scenarios/define.ts'
import { down } from '../../../chaos/world/down.ts'
import { lockWorld } from '../../../chaos/world/lock.ts'
import { UndoLedger } from '../../../chaos/world/undo.ts'
import { type TestContext, testContext } from './context.ts'
import { freePort } from './free-port.ts'

export const names = {
  regions: ['east', 'west'],
  zones: [],
  sites: ['east', 'west'],
  links: ['east-west'],
  nodes: ['east-1', 'west-1', 'disk-1', 'link-east-west'],
} as const
export const { region, node, link } = words(names)

export const linkName = 'link-east-west'
/** Where the world keeps what a fault may change, as it is when all is well. */
export const sound = {
  latencyMs: 3,
  diskPath: '/data',
  diskBytes: 16 * 2 ** 20,
  /** Service → its quota of processor time, in microseconds of a period. */
  quotas: { 'west-1': { quotaUs: 90_000, periodUs: 100_000 } } as Record<string, { quotaUs: number; periodUs: number }>,
  /** Name → port on the link. */
  proxies: { 'east-1.echo': 7001, 'west-1.echo': 7002 } as Record<string, number>,
}
/** Longer than a heal needs to look at a container, so that one which is still ending is seen running. */
const drainMs = 300

const echoPort = 7000
const askPort = 8000
const program = `
  const { createServer, connect } = require('node:net')
  createServer((socket) => socket.on('error', () => {}).pipe(socket)).listen(${echoPort})
  require('node:http').createServer(({ url }, response) => {
    const { searchParams } = new URL(url, 'http://ask')
    const socket = connect({ host: searchParams.get('host'), port: Number(searchParams.get('port')) }, () => socket.write('x'))
    const end = (text) => { socket.destroy(); if (!response.writableEnded) response.end(text) }
    socket.setTimeout(1000, () => end('silence'))
    socket.on('data', (bytes) => end(String(bytes))).on('error', (error) => end(error.code)).on('close', () => end('closed'))
  }).listen(${askPort})
  process.on('SIGTERM', () => setTimeout(() => process.exit(), ${drainMs}))`

export interface QuickWorld extends AsyncDisposable {
  name: string
  engine: DockerEngine
  context: TestContext
}

/**
 * Brings the world up, without waiting until it answers, and locks it for this process: another suite on this machine
 * would take it for one that a dead test left behind. Disposing removes everything.
 */
export async function quickWorld(name: string): Promise<QuickWorld> {
  const engine = new DockerEngine()
  await down(engine, name)
  const lock = lockWorld(name)
  const end = async () => {
    lock[Symbol.dispose]()
    await down(engine, name)
  }
  await using failing = new AsyncDisposableStack()
  failing.defer(end)
  for (const site of names.sites)
    await engine.docker.createNetwork({
      Name: `${name}-${site}`,
      Labels: { 'blackstart.world': name, 'blackstart.site': site },
    })
  await Promise.all([
    startNode(engine, name, 'east-1', 'east', {
      Mounts: [
        {
          Type: 'volume',
          Source: `${name}-kept`,
          Target: sound.diskPath,
          VolumeOptions: {
            NoCopy: true,
            Labels: { 'blackstart.world': name },
            DriverConfig: { Name: '', Options: {} },
          },
        },
      ],
    }),
    startNode(engine, name, 'west-1', 'west', {
      CpuQuota: sound.quotas['west-1']?.quotaUs,
      CpuPeriod: sound.quotas['west-1']?.periodUs,
    } as HostConfig),
    startNode(engine, name, 'disk-1', 'west', { Tmpfs: { [sound.diskPath]: `size=${sound.diskBytes},mode=1777` } }),
    startLink(engine, name),
  ])
  const world = { name, engine, context: await contextOf(engine, name), [Symbol.asyncDispose]: end }
  failing.move()
  return world
}

/** What a fault needs, in this process; any process may have its own for a world that is up. */
export async function contextOf(engine: DockerEngine, name: string): Promise<TestContext> {
  const topology = await engine.topology(name)
  return testContext({
    engine,
    topology,
    view: new View(),
    now: () => performance.now(),
    undo: new UndoLedger({ world: name, engine, topology: () => engine.topology(name) }),
  })
}

type Start = ContainerCreateOptions & { sites: string[]; aliases: Record<string, string[]>; ports: number[] }

async function start(
  engine: DockerEngine,
  world: string,
  service: string,
  { sites, aliases, ports, ...options }: Start,
): Promise<void> {
  const [first = '', ...others] = sites
  const endpoint = (site: string) => ({ Aliases: aliases[site] ?? [] })
  const bindings = await Promise.all(
    ports.map(async (port) => [`${port}/tcp`, [{ HostIp: '127.0.0.1', HostPort: String(await freePort()) }]] as const),
  )
  const container = await engine.docker.createContainer({
    ...options,
    name: `${world}-${service}`,
    StopTimeout: 5,
    Labels: { ...options.Labels, 'blackstart.world': world, 'com.docker.compose.service': service },
    ExposedPorts: Object.fromEntries(bindings.map(([port]) => [port, {}])),
    // A fixed port: a container that is started again would get another.
    HostConfig: {
      ...options.HostConfig,
      Init: true,
      NetworkMode: `${world}-${first}`,
      PortBindings: Object.fromEntries(bindings),
    },
    NetworkingConfig: { EndpointsConfig: { [`${world}-${first}`]: endpoint(first) } },
  })
  for (const site of others)
    await engine.docker
      .getNetwork(`${world}-${site}`)
      .connect({ Container: container.id, EndpointConfig: endpoint(site) })
  await container.start()
}

function startNode(
  engine: DockerEngine,
  world: string,
  service: string,
  site: string,
  host: HostConfig = {},
): Promise<void> {
  const disk = host.Tmpfs ? { 'blackstart.disk.path': sound.diskPath } : undefined
  return start(engine, world, service, {
    Image: 'blackstart/services',
    Cmd: ['-e', program],
    sites: [site],
    aliases: { [site]: [service, `${service}.direct`] },
    ports: [askPort],
    HostConfig: host,
    Labels: { 'blackstart.role': 'app', 'blackstart.region': site, 'blackstart.port.ask': String(askPort), ...disk },
  })
}

/** What root needs to set a link's network and to become another user. */
const linkPowers = ['NET_ADMIN', 'SETUID', 'SETGID', 'SETPCAP', 'KILL']

/**
 * A shell command in the project's image for links, started as the world starts it: neighbours that died are given up
 * soon.
 */
function asLink(command: string): Pick<ContainerCreateOptions, 'Image' | 'User' | 'Entrypoint' | 'Cmd'> {
  return { Image: 'blackstart/link', User: 'root', Entrypoint: ['neighbours', 'nobody'], Cmd: ['sh', '-c', command] }
}

/**
 * The project's own image for links; the proxies come by the environment instead of a file of their own, a line each.
 */
function startLink(engine: DockerEngine, world: string): Promise<void> {
  const proxies = Object.entries(sound.proxies).map(([name, port]) =>
    JSON.stringify({
      name,
      listen: `0.0.0.0:${port}`,
      upstream: `${name.split('.')[0]}.direct:${echoPort}`,
      enabled: true,
    }),
  )
  return start(engine, world, linkName, {
    ...asLink('exec link /tmp/link.json'),
    Env: [`PROXIES=[\n${proxies.join(',\n')}\n]`, `LATENCY_MS=${sound.latencyMs}`, 'LOG_LEVEL=error'],
    sites: ['east', 'west'],
    aliases: { east: ['west-1'], west: ['east-1'] },
    ports: [8474],
    HostConfig: { CapAdd: linkPowers },
    Labels: {
      'blackstart.role': 'link',
      'blackstart.link': names.sites.join(','),
      'blackstart.link.latency-ms': String(sound.latencyMs),
      'blackstart.port.api': '8474',
    },
  })
}
