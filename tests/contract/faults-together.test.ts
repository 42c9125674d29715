// Goal: faults that overlap heal each by itself, in either order; those that cannot overlap are refused; a heal does
// what it can and names what it cannot; and nothing outside the world is touched, whatever it is called.
// Method: the three sites of the other tests; most faults through the ActiveFaults, as in a run. No beacon stands here, so the
// proof is the nodes' own ports; what the links do is asked of clients.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { GenericContainer } from 'testcontainers'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { catalogue } from '../../chaos/faults/catalogue.ts'
import type { ActiveFault, PreparedFault } from '../../chaos/faults/fault.ts'
import type { EventBody } from '../../chaos/journal/schema.ts'
import { ActiveFaults } from '../../chaos/run/active-faults.ts'
import { fault } from '../../chaos/scenarios/define.ts'
import { faultNamed } from '../../chaos/scenarios/kinds.ts'
import type { FaultSpec, Target } from '../../chaos/scenarios/schema.ts'
import type { Topology } from '../../chaos/topology/topology.ts'
import { down } from '../../chaos/world/down.ts'
import { healWorld } from '../../chaos/world/heal.ts'
import { lockWorld } from '../../chaos/world/lock.ts'
import { worldFolder } from '../../chaos/world/state.ts'
import { healAll } from '../../chaos/world/undo.ts'
import { link, nodeNamed } from './harness/cases.ts'
import { testContext } from './harness/context.ts'
import { knock, type Way } from './harness/observe.ts'
import { allTalk, baseLatencyMs, bringUpSites, type Sites } from './harness/sites.ts'
import { startNode } from './harness/small-world.ts'

const stranger = 'blackstart-test-stranger'
const ab: Way = { from: 'talker-a', to: 'talker-b' }
const ba: Way = { from: 'talker-b', to: 'talker-a' }
const ac: Way = { from: 'talker-a', to: 'talker-c' }
const otherLink: Target = { scope: 'link', sites: ['a', 'c'] }
const lasting = 1
const slow = fault('slow', link, { lasting, latencyMs: 200 })
const noRoles = { primary: undefined }

let sites: Sites
let lock: Disposable
beforeAll(async () => {
  sites = await bringUpSites('blackstart-test-together')
  await down(sites.engine, stranger)
  lock = lockWorld(stranger)
})
// A test that failed must not fail the next.
afterEach(async () => {
  if (!sites || sites.context.undo.entries().length === 0) return
  await healWorld(sites.engine, sites.name)
  sites.context.undo.clear()
  await allTalk(sites)
})
afterAll(async () => {
  if (!sites) return
  await sites[Symbol.asyncDispose]()
  await down(sites.engine, stranger)
  lock[Symbol.dispose]()
})

/** Prepares and injects, as `ActiveFaults` does, without waiting for proof. */
async function injected(spec: FaultSpec, faultId: string): Promise<ActiveFault & { prepared: PreparedFault }> {
  const prepared = await faultNamed(spec.kind).prepare(sites.orderOf(spec), sites.context)
  return { ...(await prepared.inject(faultId)), prepared }
}

async function healed({ heal, prepared }: Awaited<ReturnType<typeof injected>>): Promise<void> {
  await heal()
  await prepared.dispose()
}

/** A stage, and what it records. */
function stageOf(topology: Topology = sites.context.topology): {
  stage: ActiveFaults
  said: (kind: EventBody['kind'], faultId: string) => EventBody | undefined
} {
  const events: EventBody[] = []
  const stage = new ActiveFaults({ ...sites.context, topology }, (event) => void events.push(event))
  return {
    stage,
    said: (kind, faultId) =>
      events.find((event) => event.kind === kind && 'faultId' in event && event.faultId === faultId),
  }
}

const forEver = new AbortController().signal

/** What is left of toxics on a link, by name. */
async function toxicsOf(name: string): Promise<string[]> {
  const port = sites.context.topology.nodes.find((node) => node.name === name)?.ports['api']
  const proxies = (await (await fetch(`http://127.0.0.1:${port}/proxies`)).json()) as Record<
    string,
    { enabled: boolean; toxics: { name: string }[] }
  >
  return [
    ...new Set(
      Object.values(proxies).flatMap(({ enabled, toxics }) => [
        ...(enabled ? [] : ['disabled']),
        ...toxics.map((toxic) => toxic.name),
      ]),
    ),
  ].toSorted()
}

describe.each([
  ['blackhole', 'no handshake'],
  ['hang', 'silence'],
  ['refuse', 'refused'],
] as const)('%s and slow on one link', (kind, cutLooks) => {
  const cut = () => fault(kind, link, { lasting })
  const limitMs = 600

  test.each(['the cut heals first', 'the cut heals last'])(
    '%s: each takes along only what is its own',
    async (order) => {
      const late = await injected(slow, 'together-slow')
      const broken = await injected(cut(), 'together-cut')
      for (const way of [ab, ba]) expect(await knock(sites, way, { limitMs })).toMatchObject({ during: cutLooks })
      if (order === 'the cut heals first') {
        await healed(broken)
        for (const way of [ab, ba]) {
          const reaction = await knock(sites, way)
          expect(reaction).toMatchObject({ during: 'answers' })
          expect(reaction.ms, 'still slow').toBeGreaterThan(400)
        }
        await healed(late)
      } else {
        await healed(late)
        for (const way of [ab, ba])
          expect(await knock(sites, way, { limitMs }), 'still cut').toMatchObject({ during: cutLooks })
        await healed(broken)
      }
      const reactions = await Promise.all([knock(sites, ab), knock(sites, ba), knock(sites, ac)])
      for (const reaction of reactions) expect(reaction).toMatchObject({ during: 'answers' })
      expect(Math.min(...reactions.slice(0, 2).map(({ ms }) => ms ?? Infinity)), 'slow no more').toBeLessThan(400)
      expect(Math.min(...reactions.map(({ ms }) => ms ?? 0)), "the latency that is the link's own").toBeGreaterThan(
        2 * baseLatencyMs - 1,
      )
      expect(await toxicsOf('link-a-b')).toEqual(['base-down', 'base-up'])
      expect(sites.context.undo.entries()).toEqual([])
    },
  )
})

test.each(['blackhole', 'hang'] as const)('%s twice on one link: whole only when both have healed', async (kind) => {
  const [first, second] = [
    await injected(fault(kind, link, { lasting }), 'twice-1'),
    await injected(fault(kind, link, { lasting }), 'twice-2'),
  ]
  await healed(first)
  expect((await knock(sites, ab, { limitMs: 600 })).during).not.toBe('answers')
  await healed(second)
  expect(await knock(sites, ab)).toMatchObject({ during: 'answers' })
})

test.each([
  ['kill', 'kill', nodeNamed('talker-b'), 'both act on the processes of talker-b'],
  ['kill', 'pause', nodeNamed('talker-b'), 'both act on the processes of talker-b'],
  ['refuse', 'refuse', link, 'both disable the proxies of link-a-b'],
] as const)(
  '%s and %s on one target are refused, and the first heals as if nothing had been',
  async (one, other, target, reason) => {
    const { stage, said } = stageOf()
    const first = await stage.plan(fault(one, target, { lasting }), 'conflict-1', noRoles)
    const second = await stage.plan(fault(other, target, { lasting }), 'conflict-2', noRoles)
    await stage.inject(first, forEver)
    // Of a link nobody can tell here.
    expect(said(target === link ? 'fault.acted' : 'fault.proved', 'conflict-1')).toBeDefined()
    await expect(stage.inject(second, forEver)).rejects.toThrow(reason)
    await stage.heal('conflict-2')
    await stage.heal('conflict-1')
    expect(said('heal.proved', 'conflict-1')).toBeDefined()
    await second.prepared.dispose()
    await allTalk(sites)
    expect(sites.context.undo.entries()).toEqual([])
  },
)

test('a fault that comes while another heals acts, and neither heals the other', async () => {
  const { stage, said } = stageOf()
  const dead = await stage.plan(fault('kill', nodeNamed('talker-b'), { lasting }), 'meets-kill', noRoles)
  const cut = await stage.plan(fault('blackhole', otherLink, { lasting }), 'meets-cut', noRoles)
  await stage.inject(dead, forEver)
  expect(said('fault.proved', 'meets-kill')).toBeDefined()
  const healing = stage.heal('meets-kill')
  const injecting = stage.inject(cut, forEver)
  await expect.poll(() => said('fault.acted', 'meets-cut'), { interval: 1 }).toBeDefined()
  expect(said('heal.proved', 'meets-kill'), 'the heal is still under way').toBeUndefined()
  await healing
  // No beacon stands here, so nobody can say of a link's fault that it took effect.
  expect(await injecting).toMatch(/it cannot be proved that a>c is silent: there is no beacon at a or c/)
  expect(said('fault.proved', 'meets-cut')).toBeUndefined()
  expect(said('heal.proved', 'meets-kill')).toBeDefined()
  expect(await knock(sites, ac, { limitMs: 600 }), 'the cut lasts').toMatchObject({ during: 'no handshake' })
  // The engine's forwarder accepts as soon as the container runs, and that is what the proof saw; the program listens a
  // moment later.
  await expect.poll(async () => (await knock(sites, ab)).during, { timeout: 10_000 }).toBe('answers')
  await stage.heal('meets-cut')
  expect(said('heal.proved', 'meets-cut')).toBeDefined()
  await allTalk(sites)
})

test.each([
  ['blackhole', link],
  ['flap', link],
  ['kill', nodeNamed('talker-b')],
] as const)(
  '%s: a heal that is asked for while the fault still acts comes after it, and nothing is left',
  async (kind, target) => {
    const { stage, said } = stageOf()
    const spec =
      kind === 'flap'
        ? fault(kind, target, { lasting, of: 'hang', downMs: 1_000, upMs: 100 })
        : fault(kind, target, { lasting })
    const planned = await stage.plan(spec, `early-${kind}`, noRoles)
    const injecting = stage.inject(planned, forEver)
    expect(await stage.heal(`early-${kind}`)).toBeUndefined()
    expect(await injecting).toBe('it was healed before it was proved')
    expect(said('heal.proved', `early-${kind}`)).toBeDefined()
    expect(sites.context.undo.entries()).toEqual([])
    await allTalk(sites)
    // A flap that went on by itself would be down again by now.
    await expect
      .poll(async () => [(await knock(sites, ab)).during, await toxicsOf('link-a-b')], { timeout: 10_000 })
      .toEqual(['answers', ['base-down', 'base-up']])
  },
)

test('of two killed nodes one is removed by hand: the heal starts the other, and says of the one what to do', async () => {
  const service = 'goner-c'
  await startNode(sites.name, service, 'c')
  const topology = await sites.engine.topology(sites.name)
  const { stage, said } = stageOf(topology)
  const dead = await stage.plan(
    fault('kill', { scope: 'nodes', names: ['talker-c', service] }, { lasting }),
    'half-gone',
    noRoles,
  )
  await stage.inject(dead, forEver)
  const goner = (await sites.engine.containers(sites.name)).find((container) => container.service === service)
  await sites.engine.docker.getContainer(goner?.id ?? '').remove({ force: true })
  await stage.heal('half-gone')
  const failed = said('heal.failed', 'half-gone')
  expect(failed && 'reason' in failed ? failed.reason : '').toBe(
    'starting failed for goner-c: it was removed, and "npx blackstart up" creates it again',
  )
  // What could be healed is healed.
  await allTalk(sites)
  // It stays in the ledger, so that nobody forgets it; a heal of the whole world settles it.
  expect(sites.context.undo.entries().map(({ faultId }) => faultId)).toEqual(['half-gone'])
  expect(await healWorld(sites.engine, sites.name)).toEqual([])
})

test('a container of the same name in another world, or in none that we know, is never touched', async () => {
  const namesake = await new GenericContainer('blackstart/services')
    .withEntrypoint(['sh'])
    .withCommand(['-c', 'sleep 600'])
    .withLabels({
      'blackstart.world': stranger,
      'blackstart.role': 'app',
      'blackstart.region': 'b',
      'com.docker.compose.service': 'talker-b',
    })
    .start()
  const look = async () => {
    const { State, HostConfig, RestartCount } = await sites.engine.docker.getContainer(namesake.getId()).inspect()
    return {
      status: State.Status,
      paused: State.Paused,
      pid: State.Pid,
      startedAt: State.StartedAt,
      quota: HostConfig.CpuQuota,
      RestartCount,
    }
  }
  const before = await look()
  const specs = [
    fault('kill', nodeNamed('talker-b'), { lasting }),
    fault('pause', nodeNamed('talker-b'), { lasting }),
    fault('cpu-starve', nodeNamed('talker-b'), { lasting, cores: 0.5 }),
  ]
  for (const spec of specs) {
    const active = await injected(spec, `namesake-${spec.kind}`)
    await delay(100)
    expect(await look(), `while ${spec.kind} acts on our own`).toEqual(before)
    await healed(active)
    expect(await look(), `after ${spec.kind} was healed`).toEqual(before)
  }
  // Stopped, it is not started by the heal of a world that is not its own.
  await sites.engine.docker.getContainer(namesake.getId()).stop({ t: 0 })
  await healWorld(sites.engine, sites.name)
  expect((await look()).status).toBe('exited')
  await allTalk(sites)
})

test('what is not in the world cannot be a target', async () => {
  await startNode(stranger, 'stray-b', 'b')
  expect(() => sites.orderOf(fault('kill', { scope: 'node', name: 'stray-b' }, { lasting }))).toThrow(
    'there is no node "stray-b" in this world',
  )
  // Not even with an order that was resolved elsewhere.
  const elsewhere = await sites.engine.topology(stranger)
  const node = elsewhere.nodes.find(({ name }) => name === 'stray-b')
  const order = sites.orderOf(fault('kill', nodeNamed('talker-b'), { lasting }))
  const forged = { ...order, target: { ...order.target, nodes: node ? [node] : [] } }
  await expect(catalogue.kill.prepare(forged, sites.context)).rejects.toThrow(
    `stray-b has no container in the world ${sites.name}`,
  )
})

test('a Toxiproxy that does not answer is named, before anything was touched', async () => {
  const { topology } = sites.context
  const gone = {
    ...topology,
    nodes: topology.nodes.map((node) => (node.name === 'link-a-b' ? { ...node, ports: { api: 1 } } : node)),
  }
  await expect(
    catalogue.hang.prepare(
      sites.orderOf(fault('hang', link, { lasting })),
      testContext({ ...sites.context, topology: gone }),
    ),
  ).rejects.toThrow('Toxiproxy of link-a-b does not answer')
  expect(sites.context.undo.entries()).toEqual([])
})

test('an entry of the ledger that cannot be read stops nobody from healing, and is told', async () => {
  const broken = await injected(fault('hang', link, { lasting }), 'unreadable')
  const entry = join(worldFolder(sites.name), 'undo', 'unreadable.json')
  writeFileSync(entry, '{"faultId": "unrea')
  expect(() => sites.context.undo.entries()).toThrow(`${entry} cannot be read; "npx blackstart heal" heals`)
  expect((await healAll(sites.engine, sites.name)).healed).toEqual([
    'link-a-b: 6 toxics removed',
    `${entry}: could not be read, removed`,
  ])
  expect(sites.context.undo.entries()).toEqual([])
  await healed(broken)
  expect(await knock(sites, ab)).toMatchObject({ during: 'answers' })
})

test.each([
  ['by its entry in the ledger', '', []],
  ['by a look at every node, where that cannot be read', '{"faultId": "lone', ['could not be read, removed']],
])('an isolated node that its own hand does not heal is found %s', async (_, torn, also) => {
  const broken = await injected(fault('isolate', nodeNamed('talker-b'), { lasting }), 'lonely')
  // As when its process died: nobody waits at the node any more.
  await broken.prepared.dispose()
  const entry = join(worldFolder(sites.name), 'undo', 'lonely.json')
  if (torn !== '') writeFileSync(entry, torn)
  expect(await knock(sites, ab)).not.toMatchObject({ during: 'answers' })
  expect((await healAll(sites.engine, sites.name)).healed).toEqual([
    'talker-b: 1 rules removed',
    ...also.map((said) => `${entry}: ${said}`),
  ])
  expect(await knock(sites, ab)).toMatchObject({ during: 'answers' })
})

test('healing twice is harmless, and so is healing what another process has healed', async () => {
  const broken = await injected(fault('hang', link, { lasting }), 'heals-twice')
  await sites.context.undo.undo('heals-twice')
  expect(await toxicsOf('link-a-b')).toEqual(['base-down', 'base-up'])
  await broken.heal()
  await healed(broken)
  expect(await knock(sites, ab)).toMatchObject({ during: 'answers' })
})
