// Goal: a suite tells everything that happened, whatever one of its trials does to it, and never takes "not measured"
// for green.
// Method: the runner with fakes for its effects; every call is written down in order.

import { expect, test } from 'vitest'
import { DockerEngine } from '../../../chaos/engine/docker/engine.ts'
import { EnvironmentError, InstrumentError } from '../../../chaos/errors.ts'
import { Unavailable } from '../../../chaos/faults/fault.ts'
import { inapplicableResult, type Suite, suiteSchema } from '../../../chaos/judge/suite.ts'
import type { Verdict } from '../../../chaos/judge/verdict.ts'
import { resetWorld, UnprovedReset } from '../../../chaos/run/reset.ts'
import { runSuite, type SuitePlan } from '../../../chaos/run/suite.ts'
import { fault, nothing, scenario } from '../../../chaos/scenarios/define.ts'
import type { Topology } from '../../../chaos/topology/topology.ts'
import { lockWorld } from '../../../chaos/world/lock.ts'
import { forgetSettings } from '../../../chaos/world/settings.ts'
import { emptyVerdict, missedVerdict } from '../report/fixture-verdict.ts'

const met = (): Verdict => missedVerdict({ verdict: 'met', summary: 'met: all promises were kept', objectives: [] })
const plan = (change: Partial<SuitePlan> = {}): SuitePlan => ({
  name: 'core',
  world: 'w',
  startedAt: new Date('2026-11-03T10:00:00Z'),
  trials: 1,
  shard: null,
  bail: false,
  allowedSkips: [],
  scenarios: ['a', 'b', 'c'].map((name) =>
    scenario({
      name,
      title: `story ${name}`,
      faults: [fault('none', nothing, { lasting: 5 })],
      observe: 10,
      objectives: {},
    }),
  ),
  ...change,
})

interface Fakes {
  /** Scenario → what its trial does; met when not given. */
  trials?: Record<string, () => Verdict>
  /** What each reset in turn does; proved when not given. */
  resets?: (() => void)[]
  rebuild?: () => void
}

/** Runs with fakes on a clock of their own: a reset takes 1 s, a trial 60 s, a rebuild 20 s. */
async function run(
  change: Partial<SuitePlan>,
  { trials = {}, resets = [], rebuild }: Fakes = {},
  controller = new AbortController(),
) {
  let nowMs = 5_000
  const calls: string[] = []
  const soFar: Suite[] = []
  const outcome = await runSuite(
    plan(change),
    {
      async executeTrial({ name }, seed) {
        nowMs += 60_000
        calls.push(`trial ${name}${seed === undefined ? '' : ` seed ${seed}`}`)
        return { verdict: (trials[name] ?? met)(), run: `run-${name}` }
      },
      async reset() {
        nowMs += 1_000
        calls.push('reset')
        resets.shift()?.()
        return { tookMs: 1_000 }
      },
      async rebuild() {
        nowMs += 20_000
        calls.push('rebuild')
        rebuild?.()
      },
      now: () => nowMs,
    },
    { signal: controller.signal, watch: { ended: (_told, suite) => void soFar.push(suite) } },
  )
  suiteSchema.parse(outcome.suite)
  return {
    ...outcome,
    calls,
    soFar,
    verdicts: outcome.suite.results.map((result) => `${result.scenario} ${result.verdict}`),
    notRun: outcome.suite.notRun.map((each) => each.scenario),
  }
}
const thrown = (error: unknown) => () => {
  throw error
}

test('scenarios run in their order, each after a reset; all met is 0', async () => {
  const { suite, calls, verdicts, told } = await run({})
  expect(calls).toEqual(['reset', 'trial a', 'reset', 'trial b', 'reset', 'trial c'])
  expect(verdicts).toEqual(['a met', 'b met', 'c met'])
  expect(suite).toMatchObject({
    exitStatus: 0,
    stopped: null,
    tookMs: 183_000,
    resetsMs: [1_000, 1_000, 1_000],
    rebuilds: [],
    notRun: [],
  })
  expect(suite.results[1]).toMatchObject({
    title: 'story b',
    run: 'run-b',
    tookMs: 61_000,
    startedAt: '2026-11-03T10:01:01.000Z',
    recoveredInMs: 22_412,
    failedRequests: 1698,
    requests: 12_000,
    lostWrites: 0,
    trial: 1,
    broke: [],
  })
  expect(told.every((each) => each.verdict !== undefined)).toBe(true)
})

test('what does not apply is in the results from the start, without a reset or a trial, and fails nothing', async () => {
  const result = inapplicableResult({ name: 'z', title: 'story z' }, { startedAt: new Date(0), reason: 'no DCS' })
  const { suite, calls, verdicts, told, soFar } = await run({ inapplicable: [result] })
  expect(calls.filter((call) => call === 'reset')).toHaveLength(3)
  expect(verdicts).toEqual(['z skipped', 'a met', 'b met', 'c met'])
  expect(suite).toMatchObject({ exitStatus: 0, notRun: [] })
  expect(told).toHaveLength(4)
  expect(soFar[0]?.results.map(({ scenario }) => scenario)).toEqual(['z', 'a'])
  expect(soFar[0]?.notRun.map(({ scenario }) => scenario)).toEqual(['b', 'c'])
})

test('the worst verdict decides: missed before inconclusive; the others go on', async () => {
  const inconclusive = await run({}, { trials: { a: () => emptyVerdict() } })
  expect([inconclusive.suite.exitStatus, inconclusive.verdicts]).toEqual([2, ['a inconclusive', 'b met', 'c met']])
  expect(inconclusive.calls.filter((call) => call === 'trial a')).toHaveLength(1)
  expect(inconclusive.suite.results[0]).toMatchObject({
    recoveredInMs: null,
    lostWrites: null,
    requests: null,
    broke: ['fault-proved'],
  })
  const missed = await run({}, { trials: { a: () => emptyVerdict(), b: () => missedVerdict() } })
  expect([missed.suite.exitStatus, missed.verdicts]).toEqual([1, ['a inconclusive', 'b missed', 'c met']])
  expect(missed.suite.results[1]?.broke).toEqual([
    'clients are served again within 3 s of the fault',
    'no request fails',
  ])
})

test('--bail stops at the first missed, not at an inconclusive one, and tells what was not run', async () => {
  const { suite, verdicts, notRun, calls } = await run(
    { bail: true },
    { trials: { a: () => emptyVerdict(), b: () => missedVerdict() } },
  )
  expect(verdicts).toEqual(['a inconclusive', 'b missed'])
  expect([suite.exitStatus, suite.stopped, notRun, calls.at(-1)]).toEqual([1, 'bail', ['c'], 'trial b'])
  expect((await run({ bail: true }, { trials: { c: () => missedVerdict() } })).suite.stopped).toBeNull()
})

test('a fault that cannot run here skips its scenario, which fails the suite unless it is allowed by name', async () => {
  const trials = { b: thrown(new Unavailable('the kernel has no nf_tables')) }
  const { suite, verdicts } = await run({}, { trials })
  expect([suite.exitStatus, verdicts, suite.results[1]?.reason, suite.results[1]?.run]).toEqual([
    2,
    ['a met', 'b skipped', 'c met'],
    'the kernel has no nf_tables',
    null,
  ])
  expect((await run({ allowedSkips: ['b'] }, { trials })).suite.exitStatus).toBe(0)
  expect((await run({ allowedSkips: ['a'] }, { trials })).suite.exitStatus).toBe(2)
  expect(
    (await run({ allowedSkips: ['b'] }, { trials: { ...trials, c: () => missedVerdict() } })).suite.exitStatus,
  ).toBe(1)
})

test.each([
  [new InstrumentError('k6 did not start'), 'k6 did not start'],
  [new EnvironmentError('the engine is gone'), 'the engine is gone'],
  [new TypeError('x is undefined'), 'the harness failed: x is undefined'],
])('an error of the harness (%s) makes one trial inconclusive and loses no other', async (error, reason) => {
  const { suite, verdicts } = await run({}, { trials: { b: thrown(error) } })
  expect([suite.exitStatus, verdicts, suite.results[1]?.reason]).toEqual([
    2,
    ['a met', 'b inconclusive', 'c met'],
    reason,
  ])
})

test('an interruption stops after what was done, and is 130 whatever that came to', async () => {
  const thrownAway = new AbortController()
  const before = await run(
    {},
    {
      trials: {
        b: () => {
          thrownAway.abort(new Error('Ctrl-C'))
          throw thrownAway.signal.reason
        },
      },
    },
    thrownAway,
  )
  expect([before.suite.exitStatus, before.suite.stopped, before.verdicts, before.notRun]).toEqual([
    130,
    'interrupted',
    ['a met'],
    ['b', 'c'],
  ])
  const judged = new AbortController()
  const after = await run(
    {},
    {
      trials: {
        b: () => {
          judged.abort(new Error('Ctrl-C'))
          return emptyVerdict({ summary: 'interrupted' })
        },
      },
    },
    judged,
  )
  expect([after.suite.exitStatus, after.verdicts, after.notRun]).toEqual([130, ['a met', 'b inconclusive'], ['c']])
  const last = new AbortController()
  expect(
    (
      await run(
        {},
        {
          trials: {
            c: () => {
              last.abort(new Error('Ctrl-C'))
              return missedVerdict()
            },
          },
        },
        last,
      )
    ).suite.exitStatus,
  ).toBe(130)
})

test('what fails while healing after an interruption is told', async () => {
  const controller = new AbortController()
  const { suite } = await run(
    {},
    {
      trials: {
        a: () => {
          controller.abort(new Error('Ctrl-C'))
          throw new EnvironmentError('healing failed for pg-east-a')
        },
      },
    },
    controller,
  )
  expect([suite.exitStatus, suite.results[0]?.reason]).toEqual([130, 'healing failed for pg-east-a'])
})

test('after an unproved reset the world is built anew, proved again, and the reason is told', async () => {
  const { suite, calls, verdicts } = await run(
    {},
    { resets: [() => {}, thrown(new UnprovedReset('pg-west-b does not stream'))] },
  )
  expect(calls).toEqual(['reset', 'trial a', 'reset', 'rebuild', 'reset', 'trial b', 'reset', 'trial c'])
  expect([verdicts, suite.exitStatus, suite.resetsMs.length]).toEqual([['a met', 'b met', 'c met'], 0, 3])
  expect(suite.rebuilds).toEqual([{ before: 'b', reason: 'pg-west-b does not stream', tookMs: 20_000 }])
})

test('without a world nothing goes on, and nothing is green', async () => {
  const { suite, verdicts, notRun } = await run(
    {},
    {
      resets: [() => {}, thrown(new UnprovedReset('pg-west-b is gone'))],
      rebuild: thrown(new EnvironmentError('no space left')),
    },
  )
  expect([verdicts, notRun, suite.stopped, suite.exitStatus]).toEqual([
    ['a met', 'b inconclusive'],
    ['c'],
    'no world',
    2,
  ])
  expect(suite.results[1]?.reason).toBe(
    'there is no world to run in: pg-west-b is gone; rebuilding it failed: no space left',
  )
})

test('a world that somebody else has is not built anew', async () => {
  const { calls, verdicts } = await run({}, { resets: [thrown(new EnvironmentError('the world w is used by "run"'))] })
  expect(calls).not.toContain('rebuild')
  expect(verdicts).toEqual(['a inconclusive', 'b met', 'c met'])
})

test('several trials of each scenario have a seed of their own, the same alone and in a suite', async () => {
  const { calls, suite } = await run({ trials: 2, seed: 7 })
  expect(calls.filter((call) => call.startsWith('trial'))).toEqual(
    ['a', 'b', 'c'].flatMap((name) => [`trial ${name} seed 7`, `trial ${name} seed 8`]),
  )
  expect(suite.results.map((result) => result.trial)).toEqual([1, 2, 1, 2, 1, 2])
})

test('what is kept while the suite runs reads as unfinished, and not as green', async () => {
  const { soFar } = await run({})
  expect(soFar.map((suite) => [suite.stopped, suite.exitStatus, suite.results.length, suite.notRun.length])).toEqual([
    ['unfinished', 2, 1, 2],
    ['unfinished', 2, 2, 1],
    ['unfinished', 2, 3, 0],
  ])
})

const topology: Topology = { world: 'unit-reset', sites: [], nodes: [], links: [], timeouts: {} }

async function reset(change: Partial<Parameters<typeof resetWorld>[0]>) {
  const world = `unit-reset-${process.pid}`
  const engine = new DockerEngine()
  engine.topology = async () => topology
  try {
    return await resetWorld({
      engine,
      world,
      signal: new AbortController().signal,
      heal: async () => {},
      ready: async () => {},
      ...change,
    })
  } finally {
    forgetSettings(world)
  }
}

test('a reset is proved by healing and by every node being ready, within what is left of its limit', async () => {
  const limits: number[] = []
  const { tookMs } = await reset({
    limitMs: 60_000,
    heal: () => new Promise((resolve) => void setTimeout(resolve, 30)),
    ready: async (_topology, { limitMs }) => void limits.push(limitMs),
  })
  expect(tookMs).toBeGreaterThanOrEqual(29)
  expect(limits[0]).toBeLessThanOrEqual(59_971)
})

test('a reset that cannot be proved says what was missing', async () => {
  await expect(reset({ ready: thrown(new EnvironmentError('pg-west-b does not stream')) })).rejects.toThrow(
    /was not healed and ready within 15 s: pg-west-b does not stream/,
  )
  await expect(
    reset({
      heal: async () => {
        throw new EnvironmentError('starting failed for etcd-west')
      },
    }),
  ).rejects.toThrow(UnprovedReset)
})

test('a heal that is too slow is waited for: it must not go on in the world that is built anew', async () => {
  let healed = false
  const heal = async () => {
    await new Promise((resolve) => void setTimeout(resolve, 60))
    healed = true
  }
  await expect(reset({ limitMs: 10, heal })).rejects.toThrow(/gave up after 0.0 s healing the world/)
  expect(healed).toBe(true)
})

test('an interruption is passed on, and a world in use is refused as such', async () => {
  const reason = new Error('Ctrl-C')
  await expect(reset({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  const world = `unit-reset-${process.pid}`
  using _lock = lockWorld(world)
  const refused = await resetWorld({
    engine: new DockerEngine(),
    world,
    signal: new AbortController().signal,
    heal: async () => {},
  }).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(EnvironmentError)
  expect(refused).not.toBeInstanceOf(UnprovedReset)
  forgetSettings(world)
})
