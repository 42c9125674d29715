// Goal: phases tell who made clients wait, end where their observers saw them end, and admit what nobody saw.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { judge } from '../../../chaos/judge/judge.ts'
import type { Verdict } from '../../../chaos/judge/verdict.ts'
import { journal } from '../../journals/build.ts'
import { met } from '../../journals/golden.ts'

const sum = (verdict: Verdict): number => verdict.phases.reduce((total, phase) => total + (phase.lengthMs ?? 0), 0)
const phase = (verdict: Verdict, name: string) => verdict.phases.find((candidate) => candidate.name === name)

test('each phase ends with the observation that closes it', () => {
  const verdict = judge(met().build())
  expect(verdict.phasesMs).toEqual({ detect: 2900, elect: 300, promote: 200, route: 150, settle: 50 })
  expect(verdict.phases.map(({ observer, uncertaintyMs }) => [observer, uncertaintyMs])).toEqual([
    ['dcs watch at etcd-witness', 40],
    ['dcs watch at etcd-witness', 40],
    ['database probe of pg-west-a', 50],
    ['router probe of haproxy-west', 50],
    ['client stream', 25],
  ])
  expect(verdict.phases.every((one) => one.flag === undefined)).toBe(true)
})

test('sum to the last boundary that was seen, in whatever order and however incompletely they were seen', {
  timeout: 60_000,
}, () => {
  const moment = fc.double({ min: 1, max: 9000, noNaN: true })
  const story = fc.record({
    detectedMs: moment,
    electedMs: moment,
    promotedMs: moment,
    routedMs: moment,
    toMs: moment.filter((ms) => ms > 600),
  })
  const unseen = fc.subarray(['dcs.leader', 'database.writable', 'router.server'] as const)
  fc.assert(
    fc.property(story, unseen, ({ toMs, ...takeOver }, kinds) => {
      let told = journal({ observeMs: 16_000 }).fault('kill').takeOver(takeOver).outage({ toMs })
      for (const kind of kinds) told = told.change(kind, (event) => (event.atMs > told.t0Ms ? null : event))
      const verdict = judge(told.build())
      expect(verdict.outcome).toBe('recovered')
      const ends = verdict.phases.flatMap(({ toMs: endMs }) => endMs ?? [])
      expect(sum(verdict)).toBe(Math.max(...ends, 5000) - 5000)
      if (verdict.phasesMs.settle === null)
        expect(Math.max(...ends)).toBeGreaterThan(verdict.moments.recoveredMs ?? NaN)
      else expect(sum(verdict)).toBe(verdict.recoveredInMs)
      expect(verdict.phases.every((one) => (one.lengthMs ?? 0) >= 0)).toBe(true)
    }),
    { numRuns: 40 },
  )
})

describe('an unseen boundary', () => {
  test('has no length, and the next phase says that it spans both', () => {
    const verdict = judge(
      met()
        .change('dcs.leader', (event) => (event.atMs > 5000 && event.leader !== null ? null : event))
        .build(),
    )
    expect(verdict.phasesMs).toEqual({ detect: 2900, elect: null, promote: 500, route: 150, settle: 50 })
    expect(phase(verdict, 'elect')?.flag).toBe('unobserved: no new holder of the leader key was seen')
    expect(phase(verdict, 'promote')?.flag).toBe('unobserved: includes elect, whose end was not observed')
  })

  test('of a censored trial is the last one', () => {
    const verdict = judge(
      journal()
        .fault('kill')
        .takeOver({ detectedMs: 2900, electedMs: 3200, promotedMs: 3400, routedMs: 3550 })
        .outage({ toMs: 14_000 })
        .build(),
    )
    expect(verdict.phasesMs).toEqual({ detect: 2900, elect: 300, promote: 200, route: 150, settle: null })
    expect(phase(verdict, 'settle')?.flag).toBe('unobserved: clients did not recover while they were watched')
  })
})

describe('clients that are served before the components are done', () => {
  const early = (toMs: number) =>
    judge(
      journal()
        .fault('kill')
        .takeOver({ detectedMs: 2000, electedMs: 2200, promotedMs: 2400, routedMs: 3200 })
        .outage({ toMs })
        .build(),
    )

  test('leave nothing to settle, and every phase as long as it was', () => {
    const verdict = early(3000)
    expect(verdict.recoveredInMs).toBe(3000)
    expect(verdict.phasesMs).toEqual({ detect: 2000, elect: 200, promote: 200, route: 800, settle: null })
    expect(phase(verdict, 'route')?.flag).toBeUndefined()
    expect(phase(verdict, 'settle')?.flag).toBe(
      'not needed: clients were served again 200 ms before the routers were seen to agree',
    )
    expect(verdict.moments.routedMs).toBe(8200)
  })

  test('even if that was before the promotion, which took its time', () => {
    expect(early(300).phasesMs).toEqual({ detect: 2000, elect: 200, promote: 200, route: 800, settle: null })
  })

  test('are said to be so before the promotion, where no routing was seen', () => {
    const verdict = judge(
      journal()
        .fault('kill')
        .takeOver({ detectedMs: 2000, electedMs: 2200, promotedMs: 2400, routedMs: 3200 })
        .without('router.server')
        .outage({ toMs: 1000 })
        .build(),
    )
    expect(phase(verdict, 'settle')?.flag).toBe(
      'not needed: clients were served again 1.4 s before the new primary committed',
    )
  })
})

describe('an overlap', () => {
  test('is flagged when the promotion was seen before the election', () => {
    const verdict = judge(
      journal()
        .fault('kill')
        .takeOver({ detectedMs: 2000, electedMs: 2300, promotedMs: 2250, routedMs: 2500 })
        .outage({ toMs: 3000 })
        .build(),
    )
    expect(verdict.phasesMs).toEqual({ detect: 2000, elect: 300, promote: 0, route: 200, settle: 500 })
    expect(phase(verdict, 'promote')?.flag).toBe('overlap: seen 50 ms before the previous phase ended')
  })
})

describe('of several faults', () => {
  const nobodyGone = { nodes: [], edges: [] }
  const slowLink = { nodes: [], links: ['link-edge-east'], expectGone: nobodyGone, disturbed: [] }
  const drill = () => journal({ observeMs: 24_000 }).fault('slow', { healMs: 9000, told: slowLink })
  const takeOver = { detectedMs: 8155, electedMs: 8300, promotedMs: 8500, routedMs: 8700 }
  const starved = { nodes: ['pg-east-a'], expectGone: nobodyGone, disturbed: ['pg-east-a'] }

  test('the one that took the primary away is where phases count from; recovery counts from the first', () => {
    const verdict = judge(
      drill().fault('kill', { afterMs: 7135 }).takeOver(takeOver).outage({ fromMs: 7135, toMs: 8900 }).build(),
    )
    expect(verdict.moments.requestedMs).toBe(5000)
    expect(verdict.phasesFromMs).toBe(12_135)
    expect(verdict.phasesMs).toEqual({ detect: 1020, elect: 145, promote: 200, route: 200, settle: 200 })
    expect(verdict.recoveredInMs).toBe(8900)
    expect(sum(verdict)).toBe(8900 - 7135)
  })

  test('the one that asked the primary to go counts as well', () => {
    const told = { nodes: [], expectGone: nobodyGone, target: { scope: 'node' as const, name: 'pg-east-a' } }
    const verdict = judge(drill().fault('switchover', { afterMs: 7135, told }).takeOver(takeOver).build())
    expect(verdict.phasesFromMs).toBe(12_135)
    expect(verdict.phases.every((one) => one.predicted === null)).toBe(true)
  })

  test('not one that came when the primary had already changed', () => {
    const story = journal({ observeMs: 24_000 })
      .fault('cpu-starve', { told: starved })
      .takeOver({ detectedMs: 2900, electedMs: 3200, promotedMs: 3400, routedMs: 3550 })
      .fault('kill', { afterMs: 7135 })
    expect(judge(story.build())).toMatchObject({ phasesFromMs: 5000, phasesMs: { detect: 2900 } })
  })

  test('not one that came when the key had already run out', () => {
    const story = journal({ observeMs: 24_000 })
      .fault('cpu-starve', { told: starved })
      .takeOver({ ...takeOver, detectedMs: 6900 })
      .fault('kill', { afterMs: 7135 })
    expect(judge(story.build())).toMatchObject({ phasesFromMs: 5000, phasesMs: { detect: 6900 } })
  })

  test('an earlier lapse of the key, which its holder took again, is not what was detected', () => {
    const key = (leader: string | null, revision: number) =>
      ({ kind: 'dcs.leader', member: 'etcd-witness', leader, revision, uncertaintyMs: 40 }) as const
    const story = drill()
      .add(3000, key(null, 110))
      .add(3400, key('pg-east-a', 111))
      .fault('kill', { afterMs: 7135 })
      .takeOver(takeOver)
    expect(judge(story.build())).toMatchObject({ phasesFromMs: 12_135, phasesMs: { detect: 1020 } })
  })
})

describe('a primary that stays', () => {
  const stays = () =>
    journal()
      .disturb('kill', 'app-east-a', { expectGone: { nodes: ['app-east-a'], edges: [] } })
      .outage({ toMs: 1500 })
      // A standby's server was never up; a router that tells it again says nothing new.
      .add(300, {
        kind: 'router.server',
        router: 'haproxy-west',
        backend: 'primary',
        server: 'pg-west-b',
        writes: true,
        state: 'down',
        uncertaintyMs: 50,
      })
      .add(700, {
        kind: 'router.server',
        router: 'haproxy-west',
        backend: 'apps',
        server: 'app-east-a',
        writes: false,
        state: 'up',
        uncertaintyMs: 50,
      })
      .add(900, {
        kind: 'router.server',
        router: 'haproxy-west',
        backend: 'apps',
        server: 'app-east-a',
        writes: false,
        state: 'down',
        uncertaintyMs: 50,
      })
  const verdict = judge(stays().build())

  test('needs no election; detection is the router marking a server down', () => {
    expect(verdict.phasesMs).toEqual({ detect: 900, elect: null, promote: null, route: 0, settle: 600 })
    expect(phase(verdict, 'elect')?.flag).toBe('not needed: the primary did not change')
    expect(phase(verdict, 'detect')?.observer).toBe('router probe of haproxy-west')
    expect(sum(verdict)).toBe(verdict.recoveredInMs)
  })

  test('was not detected by a router that marked down a server without a fault', () => {
    const etcd = {
      kind: 'router.server',
      router: 'haproxy-west',
      backend: 'dcs',
      writes: false,
      uncertaintyMs: 50,
    } as const
    const lost = journal()
      .fault('kill', { told: { nodes: ['etcd-west'], expectGone: { nodes: ['etcd-west'], edges: [] } } })
      .outage({ fromMs: 400, toMs: 1500 })
      .add(-900, { ...etcd, server: 'etcd-west', state: 'up' })
      .add(180, { ...etcd, server: 'etcd-west', state: 'down' })
      .add(-900, { ...etcd, backend: 'apps', server: 'app-east-a', state: 'up' })
      .add(700, { ...etcd, backend: 'apps', server: 'app-east-a', state: 'down' })
    const told = judge(lost.build())
    expect(told.phasesMs).toEqual({ detect: null, elect: null, promote: null, route: null, settle: 1500 })
    expect(phase(told, 'detect')?.flag).toBe(
      "not needed: the primary did not change, and no fault took away a server that clients' requests go through",
    )
    expect(told.moments.detectedMs).toBeNull()
  })

  test('was detected by the router that it was cut off from', () => {
    const app = {
      kind: 'router.server',
      router: 'haproxy-west',
      backend: 'apps',
      server: 'app-east-a',
      writes: false,
      uncertaintyMs: 50,
    } as const
    const cut = journal()
      .fault('blackhole', { told: { nodes: [], expectGone: { nodes: [], edges: [{ from: 'east', to: 'west' }] } } })
      .outage({ toMs: 1500 })
      .add(-900, { ...app, state: 'up' })
      .add(700, { ...app, state: 'down' })
    expect(judge(cut.build()).phasesMs.detect).toBe(700)
  })

  test('leaves a detection unobserved that should have been', () => {
    const blind = stays().change('router.server', (event) => (event.atMs > 5800 ? null : event))
    const told = judge(blind.build())
    expect(told.phasesMs).toEqual({ detect: null, elect: null, promote: null, route: null, settle: 1500 })
    expect(phase(told, 'detect')?.flag).toBe(
      'unobserved: no leader key was lost and no router marked down a server that a fault had taken away',
    )
  })

  test('has no predicted budget: that is for a change of primary', () => {
    expect(verdict.phases.every((one) => one.predicted === null)).toBe(true)
  })
})

describe('observers are not taken at their word', () => {
  test('a late member that still tells of the old leader does not undo the election', () => {
    const verdict = judge(
      met()
        .add(3000, { kind: 'dcs.leader', member: 'etcd-east', leader: 'pg-east-b', revision: 90, uncertaintyMs: 900 })
        .build(),
    )
    expect(verdict.moments.electedMs).toBe(8200)
  })

  test('a commit of another node on the old timeline is no promotion', () => {
    const verdict = judge(
      met()
        .add(100, {
          kind: 'database.writable',
          node: 'pg-west-b',
          accepting: true,
          timeline: 1,
          commitMs: 5100,
          uncertaintyMs: 50,
        })
        .build(),
    )
    expect(verdict.moments.promotedMs).toBe(8400)
  })

  test('a router that also sends writes to another server has not switched', () => {
    const verdict = judge(
      met()
        .change('router.server', (event) =>
          event.atMs > 5000 && event.server === 'pg-east-a' ? { ...event, atMs: 9800 } : event,
        )
        .build(),
    )
    expect(verdict.moments.routedMs).toBe(9800)
  })

  test('a router that answers nobody is left out, one that does is waited for', () => {
    const alive = met()
      .change('router.reachable', (event) => (event.reachable ? event : null))
      .change('fault.requested', (event) => ({ ...event, expectGone: { ...event.expectGone, nodes: [] } }))
    expect(judge(alive.build()).moments.routedMs).toBeNull()
    expect(judge(met().build()).moments.routedMs).toBe(8550)
  })

  test('a router that the fault cuts off from the new primary is not waited for', () => {
    const cut = met()
      .change('router.reachable', (event) => (event.reachable ? event : null))
      .change('fault.requested', (event) => ({
        ...event,
        expectGone: { nodes: [], edges: [{ from: 'east', to: 'west' }] },
      }))
    expect(judge(cut.build()).moments.routedMs).toBe(8550)
  })
})
