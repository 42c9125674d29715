// Goal: each fault of a node looks to clients as its header says, through a link and from the host; the node's
// neighbour and the other sites do not notice; after the heal the node answers.
//   host ─────────────────────────┐
//   a: talker-a ──── link-a-b ────┴ b: talker-b, stubborn-b        c: talker-c
// Method: as for links; the victim is a node of b. docs/faults.md has the figures.
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { catalogue } from '../../chaos/faults/catalogue.ts'
import { contextOn } from '../../chaos/injectors/injectors.ts'
import { fault } from '../../chaos/scenarios/define.ts'
import type { Role } from '../../chaos/topology/topology.ts'
import { type Case, nodeNamed, onNodes } from './harness/cases.ts'
import { expectHealed, expectStopped, expectUntouched, whole } from './harness/checks.ts'
import { knock, type Observation, type ObserveOptions, observe, type Sight, type Way } from './harness/observe.ts'
import { allTalk, bringUpSites, type Sites } from './harness/sites.ts'
import { nowMs } from './harness/wire.ts'

let sites: Sites
beforeAll(async () => {
  sites = await bringUpSites('blackstart-test-nodes')
})
afterAll(async () => {
  await sites?.[Symbol.asyncDispose]()
})

const promptMs = 800
const acrossTheLink: Way = { from: 'talker-a', to: 'talker-b' }

async function seen(
  { spec, options }: Case,
  more: Partial<ObserveOptions> = {},
): Promise<Observation & { each: Sight[] }> {
  const observation = await observe(sites, spec, { ...options, ...more })
  expectUntouched(observation)
  expectHealed(observation)
  return { ...observation, each: Object.values(observation.sights) }
}

/** How a dead process looks: what was open ends at once, and bytes stop; never a silence. */
function expectDead({ sleeper, down, busy }: Sight, observation: Observation): void {
  expect(['closed', 'reset']).toContain(sleeper.during)
  expect(sleeper.ms).toBeLessThan(promptMs)
  expect(['closed', 'reset']).toContain(busy.how)
  expect(busy.endedMs).toBeLessThan(promptMs)
  expectStopped(down, observation)
}

test.each([onNodes.kill, onNodes.diskLoss])(
  '$spec.kind: what is open ends at once; new connections do not get an answer, through the link or from the host',
  async (how) => {
    const killed = await seen(how)
    for (const sight of killed.each) {
      expectDead(sight, killed)
      expect(['closed', 'reset']).toContain(sight.idle.during)
      for (const reaction of [sight.fresh, sight.later])
        expect(['closed', 'reset', 'refused', 'silence', 'no handshake']).toContain(reaction.during)
    }
    // The link is alive: it accepts, and only then finds nobody.
    expect(killed.sights['talker-a to talker-b']?.handshakeMs).toBeLessThan(promptMs)
    // The engine's own forwarder goes with the container, as soon as the engine knows; until then it accepts, and ends it
    // at once.
    expect(['refused', 'closed', 'reset']).toContain(killed.sights['host to talker-b']?.later.during)
  },
)

test('pause: connections are accepted and stay; nothing is answered until the heal, and then everything is', async () => {
  const paused = await seen(onNodes.pause)
  for (const { fresh, later, handshakeMs, idle, sleeper, up, down, busy } of paused.each) {
    for (const reaction of [fresh, later, idle]) {
      expect(reaction).toMatchObject({ during: 'silence', after: 'answers', usable: true })
      expect(reaction.afterMs).toBeLessThan(paused.healTookMs + promptMs)
    }
    expect(handshakeMs).toBeLessThan(promptMs)
    expect(sleeper).toMatchObject({ during: 'silence', after: 'answers', usable: true })
    expect(busy).toMatchObject({ how: null, usable: true })
    for (const flow of [up, down]) {
      expectStopped(flow, paused)
      expect(flow).toMatchObject(whole)
    }
    // What was sent to it waited; it itself said nothing meanwhile. It may have been frozen between writing down a line's
    // time and sending it: that one line is old.
    expect(up?.latestMs).toBeGreaterThan(1_200)
    expect(up?.late).toBeGreaterThan(10)
    expect(down.late).toBeLessThanOrEqual(1)
  }
})

test('drain: what was begun is finished, then connections are closed; new ones are not taken', async () => {
  const drained = await seen(onNodes.drain)
  for (const [way, { later, idle, sleeper, busy }] of Object.entries(drained.sights)) {
    expect(idle, `the question that was under way, ${way}`).toMatchObject({ during: 'answers', said: 'done' })
    expect(idle.ms).toBeGreaterThan(350)
    expect(sleeper.during, way).toBe('closed')
    // Toxiproxy knows no half-closed connection: when the node says it has finished, it closes both ends, and a line that
    // comes before the client has noticed is answered by a reset.
    expect(way.startsWith('host') ? ['closed'] : ['closed', 'reset'], way).toContain(busy.how)
    // It ends when it has finished, and not before.
    for (const ms of [sleeper.ms, busy.endedMs]) {
      expect(ms).toBeGreaterThan(250)
      expect(ms).toBeLessThan(1_600)
    }
    // A new one at once may still be taken: the engine passes the signal on in its own time.
    expect(['closed', 'reset', 'refused', 'silence', 'no handshake']).toContain(later.during)
  }
})

test('drain of a node that ignores SIGTERM: it goes on for its grace period, and is killed then', async () => {
  const drained = await seen(onNodes.drainStubborn)
  for (const { fresh, later, idle, sleeper, down, busy } of drained.each) {
    for (const reaction of [fresh, later, idle]) expect(reaction).toMatchObject({ during: 'answers', said: 'done' })
    expect(['closed', 'reset']).toContain(sleeper.during)
    const ends = { sleeper: sleeper.ms, busy: busy.endedMs, lines: down.stoppedMs }
    for (const [what, ms] of Object.entries(ends)) {
      expect(ms, `${what}, from SIGTERM to its end`).toBeGreaterThan(1_800)
      expect(ms, `${what}, from SIGTERM to its end`).toBeLessThan(3_200)
    }
  }
})

test.each<[Role, Role]>([
  ['app', 'database'],
  ['app', 'dcs'],
  ['database', 'dcs'],
  ['store', 'router'],
])('drain of several nodes: the %s is told first, and the %s when that has ended', async (user, used) => {
  const order = sites.orderOf(fault('drain', { scope: 'nodes', names: ['talker-b', 'stubborn-b'] }, { lasting: 1 }))
  // What takes its time is told first.
  const nodes = order.target.nodes.map((node) => ({ ...node, role: node.name === 'stubborn-b' ? user : used }))
  const prepared = await catalogue.drain.prepare({ ...order, target: { ...order.target, nodes } }, sites.context)
  await using active = await prepared.inject('drain-order')
  const endedAt = (service: string) =>
    vi.waitFor(
      async () => {
        const container = (await sites.engine.containers(sites.name)).find((one) => one.service === service)
        const { State } = await sites.engine.docker.getContainer(container?.id ?? '').inspect()
        expect(State.Running).toBe(false)
        return State.FinishedAt
      },
      { timeout: 10_000, interval: 100 },
    )
  const [first, then] = await Promise.all([endedAt('stubborn-b'), endedAt('talker-b')])
  expect(then > first, `the ${user} ended at ${first}, the ${used} at ${then}`).toBe(true)
  await active.heal()
  await allTalk(sites)
})

test('crash-loop: it dies, comes back, and dies again', async () => {
  const answered: boolean[] = []
  const watch = async () => {
    const startMs = nowMs()
    while (nowMs() - startMs < 5_500) {
      answered.push((await knock(sites, acrossTheLink, { limitMs: 250 })).during === 'answers')
      await delay(80)
    }
  }
  const crashing = await seen(onNodes.crashLoop, { meanwhile: watch })
  for (const sight of crashing.each) expectDead(sight, crashing)
  const changes = answered.filter((answers, index) => answers !== (answered[index - 1] ?? true))
  expect(
    changes.slice(0, 3),
    `gone, back, gone again; seen: ${answered.map((answers) => (answers ? '+' : '-')).join('')}`,
  ).toEqual([false, true, false])
})

test('cpu-starve: it answers, later; it says less in the same time; nothing is lost', async () => {
  const starved = await seen(onNodes.cpuStarve)
  const usual = starved.untouched['talker-a to talker-c']?.down.during.lines ?? 0
  for (const { fresh, idle, sleeper, up, down, busy } of starved.each) {
    for (const reaction of [fresh, idle]) expect(reaction).toMatchObject({ during: 'answers', usable: true })
    expect(sleeper).toMatchObject({ after: 'answers', usable: true })
    expect(busy).toMatchObject({ how: null, usable: true })
    for (const flow of [up, down]) expect(flow).toMatchObject(whole)
    expect(down.during.lines, `lines from the starved, where others say ${usual}`).toBeLessThan(usual * 0.7)
    expect(up?.during.mostMs, 'how long the starved leaves a line unread').toBeGreaterThan(60)
  }
})

test('isolate: silence both ways, for its neighbour at the same site too; what was open goes on after the heal; whoever looks from outside sees it', async () => {
  const isolated = await seen(onNodes.isolate)
  for (const { fresh, later, idle, sleeper, up, down, busy } of isolated.each) {
    for (const reaction of [fresh, later, idle, sleeper]) {
      expect(['silence', 'no handshake']).toContain(reaction.during)
      expect(reaction).toMatchObject({ after: 'answers', usable: true })
    }
    expect(busy).toMatchObject({ how: null, usable: true })
    for (const flow of [up, down]) {
      expectStopped(flow, isolated)
      expect(flow).toMatchObject(whole)
    }
  }
  // The link accepts what leads to it, and then nobody is there; a neighbour has no link in between.
  expect(isolated.sights['talker-a to talker-b']?.fresh.during).toBe('silence')
  for (const way of ['stubborn-b to talker-b', 'talker-b to stubborn-b'])
    expect(isolated.sights[way]?.fresh.during, way).toBe('no handshake')
})

test('isolate is proved by what the kernel dropped of what is sent from there, and by nothing before', async () => {
  const order = sites.orderOf(fault('isolate', nodeNamed('talker-b'), { lasting: 1 }))
  const faultId = 'isolate-proof'
  const context = contextOn({ ...sites.context, faultId })
  const [claim] = catalogue.isolate.claims?.(order, context) ?? []
  const prepared = await catalogue.isolate.prepare(order, context)
  try {
    expect(await claim?.look()).toEqual({
      holds: false,
      seen: `talker-b is not isolated by ${faultId}, so nothing is counted`,
    })
    await using _healed = await prepared.inject(faultId)
    expect(await claim?.look()).toMatchObject({ holds: true })
  } finally {
    await prepared.dispose()
  }
  await allTalk(sites)
})

test('disk-full: what needs room fails with ENOSPC, what has its room goes on, and so does everything else', async () => {
  expect(await knock(sites, acrossTheLink, { question: 'store' })).toMatchObject({ said: 'done' })
  const rewritten: (string | null)[] = []
  const full = await seen(onNodes.diskFull, {
    meanwhile: async () => {
      rewritten.push((await knock(sites, acrossTheLink, { question: 'rewrite' })).said)
    },
  })
  for (const { fresh, idle, sleeper, up, down, busy } of full.each) {
    for (const reaction of [fresh, idle])
      expect(reaction).toMatchObject({ during: 'answers', said: 'ENOSPC', usable: true })
    expect(sleeper).toMatchObject({ after: 'answers', usable: true })
    expect(busy).toMatchObject({ how: null, usable: true })
    for (const flow of [up, down]) expect(flow).toMatchObject(whole)
  }
  expect(rewritten).toEqual(['done'])
  expect(await knock(sites, acrossTheLink, { question: 'store' })).toMatchObject({ said: 'done' })
})

test('disk-full refuses a disk that others share, and a node that does not say where its data is', async () => {
  const shared = sites.orderOf(fault('disk-full', nodeNamed('talker-c'), { lasting: 1 }))
  expect(catalogue['disk-full'].unavailable(shared, sites.context.topology)).toBeUndefined()
  await expect(catalogue['disk-full'].prepare(shared, sites.context)).rejects.toThrow(
    /the data of talker-c is not on a disk of its own \(\/tmp is part of one of \d+ GiB/,
  )
  const silent = sites.orderOf(fault('disk-full', nodeNamed('stubborn-b'), { lasting: 1 }))
  expect(catalogue['disk-full'].unavailable(silent, sites.context.topology)).toBe(
    'stubborn-b does not say where its data is: give it the label blackstart.disk.path=<folder>',
  )
  expect(await knock(sites, { from: 'talker-a', to: 'talker-c' })).toMatchObject({ said: 'done' })
})
