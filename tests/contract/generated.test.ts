// Goal: a stranger's Compose file becomes a world whose sites reach each other through links alone; its nodes and links break
// and heal as those of the reference world, and taking it down leaves nothing and touches nothing of the user's.
// Method: a shop of a gateway, two APIs and two PostgreSQL servers, brought up in a copy of its folder; what each node
// reaches is tried from inside its container.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DockerEngine } from '../../chaos/engine/docker/engine.ts'
import type { ActiveFault, PreparedFault } from '../../chaos/faults/fault.ts'
import { View } from '../../chaos/observers/view.ts'
import { packageRoot } from '../../chaos/roots.ts'
import { faultNamed } from '../../chaos/scenarios/kinds.ts'
import { orderOf } from '../../chaos/scenarios/order.ts'
import type { FaultSpec } from '../../chaos/scenarios/schema.ts'
import { matrixOf } from '../../chaos/stack/beacon.ts'
import { beaconOf, type Topology } from '../../chaos/topology/topology.ts'
import { waitUntil } from '../../chaos/wait.ts'
import { down } from '../../chaos/world/down.ts'
import { healWorld } from '../../chaos/world/heal.ts'
import { lockWorld } from '../../chaos/world/lock.ts'
import { readPlan } from '../../chaos/world/plan.ts'
import { straysIn } from '../../chaos/world/strays.ts'
import { healAll, UndoLedger } from '../../chaos/world/undo.ts'
import { up } from '../../chaos/world/up.ts'
import { testContext } from './harness/context.ts'

const world = 'blackstart-test-shop'
const shop = fileURLToPath(new URL('./shop', import.meta.url))
const engine = new DockerEngine()
const before = process.env['BLACKSTART_WORK_DIR']
let folder: string
let topology: Topology
let lock: Disposable

beforeAll(async () => {
  // Where the clean-up of other tests of this checkout looks.
  lock = lockWorld(world)
  // In the checkout, of which containers mount files already: an engine may not see other folders.
  const state = join(packageRoot, '.blackstart')
  mkdirSync(state, { recursive: true })
  folder = mkdtempSync(join(state, 'shop-'))
  cpSync(shop, folder, { recursive: true })
  process.env['BLACKSTART_WORK_DIR'] = folder
  await down(engine, world)
})
afterAll(async () => {
  await down(engine, world)
  rmSync(folder, { recursive: true, force: true })
  if (before === undefined) delete process.env['BLACKSTART_WORK_DIR']
  else process.env['BLACKSTART_WORK_DIR'] = before
  lock[Symbol.dispose]()
})

async function bringUp(links: string): Promise<void> {
  const file = readFileSync(join(shop, 'blackstart.yaml'), 'utf8')
  writeFileSync(join(folder, 'blackstart.yaml'), file.replace('default: { latencyMs: 5 }', links))
  topology = await up({ engine, world })
}

/** Whether a node can open a connection within a second, by Node itself in its container. */
async function reaches(from: string, host: string, port: number): Promise<boolean> {
  const container = (await engine.containers(world)).find(({ service }) => service === from)
  if (!container) throw new Error(`${from} has no container`)
  const script = `const s = require('net').connect(${port}, '${host}'); s.setTimeout(1000, () => process.exit(1)); s.on('error', () => process.exit(1)); s.on('connect', () => process.exit(0))`
  return engine.exec(container, ['node', '-e', script]).then(
    () => true,
    () => false,
  )
}

async function untilReached(from: string, host: string, port: number, is = true): Promise<void> {
  await waitUntil(
    async () =>
      (await reaches(from, host, port)) === is ? { done: true, value: undefined } : { done: false, seen: `${!is}` },
    { until: `${from} ${is ? 'reaches' : 'does not reach'} ${host}:${port}`, limitMs: 15_000, everyMs: 100 },
  )
}

async function prepare(spec: object): Promise<PreparedFault> {
  const undo = new UndoLedger({ world, engine, topology: () => engine.topology(world) })
  const context = testContext({ engine, topology, view: new View(), now: () => performance.now(), undo })
  const full = { atMs: 0, ...spec } as FaultSpec
  return faultNamed(full.kind).prepare(orderOf(full, topology, { primary: undefined }), context)
}

async function inject(spec: object, faultId: string): Promise<ActiveFault> {
  const prepared = await prepare(spec)
  const active = await prepared.inject(faultId)
  await prepared.dispose()
  return active
}

/** How long ago a site's beacon heard that of another one, in milliseconds. */
async function heard(at: string, from: string): Promise<number> {
  const beacon = beaconOf(topology, at)
  if (!beacon) throw new Error(`${at} has no beacon`)
  return (await matrixOf(beacon, { limitMs: 2_000 })).heard[from] ?? Infinity
}

async function statesAt(site: string): Promise<string[]> {
  const its = topology.nodes.filter((node) => node.site === site).map(({ name }) => name)
  return (await engine.containers(world))
    .filter(({ service }) => its.includes(service))
    .map(({ service, state }) => `${service} ${state}`)
    .toSorted()
}

function addressOf(service: string): string {
  const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}'
  return execFileSync('docker', ['inspect', '-f', format, `${world}-${service}-1`])
    .toString()
    .trim()
}

const put = async (key: string) =>
  (
    await fetch(
      `http://127.0.0.1:${topology.nodes.find(({ name }) => name === 'gateway')?.ports['http']}/items/${key}`,
      { method: 'PUT' },
    )
  ).status

describe('a world with relaying links', () => {
  test('comes up, and serves', async () => {
    await bringUp('default: { latencyMs: 5 }')
    expect(topology.links.map(({ name }) => name)).toEqual(['link-east-edge', 'link-east-west', 'link-west-edge'])
    expect(readPlan(world)?.clients?.enter).toEqual(['http://gateway:8080'])
    expect(await put('a')).toBe(201)
  })

  test('sites reach each other by name, through links alone', async () => {
    expect(await reaches('api-2', 'shop-primary', 5432)).toBe(true)
    expect(await reaches('api-2', addressOf('db-1'), 5432)).toBe(false)
    expect(await reaches('api-1', addressOf('db-1'), 5432)).toBe(true)
  })

  test('a connection to a port that no link carries is refused, and told', async () => {
    expect(await straysIn(engine, topology)).toEqual([])
    expect(await reaches('api-2', 'db-1', 5433)).toBe(false)
    expect(await straysIn(engine, topology)).toEqual([
      'api-2 tried db-1:5433, which no link carries: add it to "ports" in blackstart.yaml, as db-1: [5433]',
    ])
  })

  test('a blackhole of a link is felt by what goes through it alone, and heals', async () => {
    await using fault = await inject({ kind: 'blackhole', target: { scope: 'link', sites: ['east', 'west'] } }, 'f1')
    expect(await reaches('api-2', 'shop-primary', 5432)).toBe(false)
    expect(await reaches('api-1', 'shop-primary', 5432)).toBe(true)
    // Once the gateway's checks have seen which API is of no use.
    await expect.poll(() => put('b'), { timeout: 15_000 }).toBe(201)
    await fault.heal()
    await untilReached('api-2', 'shop-primary', 5432)
  })

  test('a region that is killed stays down, also where the engine would start it again, and heals from its labels', async () => {
    await inject({ kind: 'kill', target: { scope: 'region', name: 'west' } }, 'f2')
    // An engine that restarts a node does so at once.
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    expect(await statesAt('west')).toEqual(['api-2 exited', 'beacon-west exited', 'db-2 exited'])
    // Once the gateway's checks have seen which API is of no use.
    await expect.poll(() => put('c'), { timeout: 15_000 }).toBe(201)
    // As another process would, after this one was killed.
    await healAll(engine, world)
    expect(await statesAt('west')).toEqual(['api-2 running', 'beacon-west running', 'db-2 running'])
    const policies = execFileSync('docker', ['inspect', '-f', '{{.HostConfig.RestartPolicy.Name}}', `${world}-api-2-1`])
    expect(policies.toString().trim()).toBe('always')
    await untilReached('api-2', 'shop-primary', 5432)
  })

  test('a node that dies by itself is started again, as its file says', async () => {
    const id = (await engine.containers(world)).find(({ service }) => service === 'api-1')?.id ?? ''
    const { State } = await engine.docker.getContainer(id).inspect()
    // A container that does not run has the id 0, and by that number this process would end its own group.
    expect(State.Pid).toBeGreaterThan(1)
    process.kill(State.Pid, 'SIGKILL')
    await waitUntil(
      async () => {
        const now = (await engine.docker.getContainer(id).inspect()).State
        return now.Running && now.Pid !== State.Pid
          ? { done: true, value: undefined }
          : { done: false, seen: now.Status }
      },
      { until: 'api-1 runs again', limitMs: 10_000 },
    )
  })
})

describe('a world with a link that routes', () => {
  test('comes up, and serves', async () => {
    // Quicker than to stop every node for its new place.
    await down(engine, world)
    await bringUp('default: { latencyMs: 5 }\n  east-west: { via: route }')
    expect(await reaches('api-2', addressOf('db-1'), 5432)).toBe(true)
    expect(await reaches('api-2', 'shop-primary', 5432)).toBe(true)
    expect(await put('d')).toBe(201)
  })

  test.for(['blackhole', 'refuse'] as const)('%s of that link, and its heal', async (kind) => {
    await using fault = await inject({ kind, target: { scope: 'link', sites: ['east', 'west'] } }, `f-${kind}`)
    expect(await reaches('api-2', 'shop-primary', 5432)).toBe(false)
    await fault.heal()
    await untilReached('api-2', 'shop-primary', 5432)
  })

  test('one-way of that link: bytes are lost in one direction, and arrive in the other', async () => {
    const order = { target: { scope: 'link', sites: ['east', 'west'] }, with: { direction: 'out' } }
    await using fault = await inject({ kind: 'one-way', ...order }, 'f-one-way')
    await waitUntil(
      async () => {
        const ms = await heard('west', 'east')
        return ms > 2_000 ? { done: true, value: undefined } : { done: false, seen: `heard ${ms} ms ago` }
      },
      { until: 'west hears nothing of east', limitMs: 10_000 },
    )
    // Nobody reads the beacons' streams, so they ping twice a second.
    expect(await heard('east', 'west')).toBeLessThan(1_500)
    await fault.heal()
    await untilReached('api-2', 'shop-primary', 5432)
  })

  test('partial: a region loses the other one, and keeps its clients', async () => {
    const order = { target: { scope: 'region', name: 'west' }, with: { from: ['east'] } }
    await using fault = await inject({ kind: 'partial', ...order }, 'f-partial')
    expect(await reaches('api-2', 'shop-primary', 5432)).toBe(false)
    // Its silence outlasts what a beacon without readers takes between two pings.
    await expect.poll(() => heard('west', 'east'), { timeout: 10_000 }).toBeGreaterThan(2_500)
    expect(await heard('west', 'edge')).toBeLessThan(2_500)
    await fault.heal()
    await untilReached('api-2', 'shop-primary', 5432)
  })

  test('flap of that link: away, back, away again, and healed in whichever phase', async () => {
    const order = {
      target: { scope: 'link', sites: ['east', 'west'] },
      with: { of: 'blackhole', downMs: 2_000, upMs: 2_000 },
    }
    // It acts for as long as it lasts, so that what it was prepared with is needed until then.
    const prepared = await prepare({ kind: 'flap', ...order })
    try {
      await using fault = await prepared.inject('f-flap')
      for (const is of [false, true, false]) await untilReached('api-2', 'shop-primary', 5432, is)
      await fault.heal()
      await untilReached('api-2', 'shop-primary', 5432)
    } finally {
      await prepared.dispose()
    }
  })

  test('slow of that link cannot be, and says what to change', async () => {
    const order = { target: { scope: 'link', sites: ['east', 'west'] }, with: { latencyMs: 50 } }
    await expect(inject({ kind: 'slow', ...order }, 'f-slow')).rejects.toThrow(/link-east-west .*"via: proxy"/)
  })

  test('a node that was killed has its routes again after the heal', async () => {
    const fault = await inject({ kind: 'kill', target: { scope: 'node', name: 'api-2' } }, 'f3')
    await fault.heal()
    await untilReached('api-2', addressOf('db-1'), 5432)
  })

  test('a node that somebody else started has its routes after the next heal', async () => {
    execFileSync('docker', ['restart', '-t', '0', `${world}-api-2-1`])
    expect(await healWorld(engine, world)).toEqual(['api-2: routes put back'])
    await untilReached('api-2', addressOf('db-1'), 5432)
    expect(await healWorld(engine, world)).toEqual([])
  })

  test('a node that is started again while the world becomes ready has its routes', async () => {
    // What up asks when Compose has done its part.
    class Restarting extends DockerEngine {
      override async topology(name: string): Promise<Topology> {
        execFileSync('docker', ['restart', '-t', '0', `${world}-api-2-1`])
        return super.topology(name)
      }
    }
    await up({ engine: new Restarting(), world })
    await untilReached('api-2', addressOf('db-1'), 5432)
  })
})

test('down removes what is the world’s, and nothing else', async () => {
  const volume = 'shop_data-1'
  execFileSync('docker', ['volume', 'create', volume])
  try {
    const removed = await down(engine, world)
    expect(removed).toEqual({ containers: 11, networks: 3, volumes: 2 })
    expect(await engine.belongings(world)).toEqual([])
    expect(execFileSync('docker', ['volume', 'ls', '-q']).toString().split('\n')).toContain(volume)
    expect(execFileSync('docker', ['ps', '-aq', '--filter', `name=${world}`]).toString()).toBe('')
  } finally {
    execFileSync('docker', ['volume', 'rm', volume])
  }
})
