// Goal: phases tell who made clients wait, sum to the recovery time exactly, and admit what nobody saw.
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

test('sum to the recovery time, in whatever order and however incompletely they were seen', { timeout: 60_000 }, () => {
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
      expect(sum(verdict)).toBe(verdict.recoveredInMs)
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

describe('an overlap', () => {
  test('is flagged when clients recovered before the routers were seen to agree', () => {
    const verdict = judge(
      journal()
        .fault('kill')
        .takeOver({ detectedMs: 2000, electedMs: 2200, promotedMs: 2400, routedMs: 3200 })
        .outage({ toMs: 3000 })
        .build(),
    )
    expect(verdict.phasesMs).toEqual({ detect: 2000, elect: 200, promote: 200, route: 600, settle: 0 })
    expect(phase(verdict, 'route')?.flag).toBe('overlap: seen 200 ms after clients had recovered')
    expect(verdict.moments.routedMs).toBe(8200)
  })

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

describe('a primary that stays', () => {
  const stays = () =>
    journal()
      .fault('kill')
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
