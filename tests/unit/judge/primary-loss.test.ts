// Goal: a predicted budget stands beside a change of primary only where a fault took the primary away.
import { describe, expect, test } from 'vitest'
import type { EventOf } from '../../../chaos/journal/schema.ts'
import { faultsOf } from '../../../chaos/judge/faults.ts'
import { judge } from '../../../chaos/judge/judge.ts'
import { primaryLostMs } from '../../../chaos/judge/primary-loss.ts'
import type { FaultKind } from '../../../chaos/scenarios/schema.ts'
import { journal, type Story } from '../../journals/build.ts'
import { dcsMembers } from '../../journals/world.ts'

type Told = Partial<Omit<EventOf<'fault.requested'>, 'kind'>>
const nobodyGone = { nodes: [], edges: [] }
const edges = (...pairs: [string, string][]) => ({ nodes: [], edges: pairs.map(([from, to]) => ({ from, to })) })
const cut = (kind: FaultKind, ...pairs: [string, string][]): Story =>
  journal().fault(kind, { told: { nodes: [], links: ['a'], expectGone: edges(...pairs) } })
const lostMs = (story: Story): number | null => primaryLostMs(story.build(), faultsOf(story.build()), 'pg-east-a')
const on = (kind: FaultKind, ...nodes: string[]): Story =>
  journal().fault(kind, { told: { nodes, expectGone: nobodyGone, disturbed: nodes } })
const isolated: [string, string][] = [
  ['east', 'west'],
  ['west', 'east'],
  ['east', 'witness'],
  ['witness', 'east'],
]

describe('the primary is lost', () => {
  test.each<[string, Story]>([
    ['with its region', journal().fault('kill')],
    ['by a kill of its own', on('kill', 'pg-east-a')],
    ['by a pause', on('pause', 'pg-east-a')],
    [
      'when its own network fails',
      journal().fault('isolate', {
        told: {
          nodes: ['pg-east-a'],
          expectGone: nobodyGone,
          lasting: { unsettled: ['pg-east-a'], isolated: ['pg-east-a'] },
        },
      }),
    ],
    ['when its region is cut off', cut('blackhole', ...isolated)],
    ['when only its own words are lost', cut('one-way', ['east', 'west'], ['east', 'witness'])],
  ])('%s', (_, story) => {
    expect(lostMs(story)).toBe(5000)
  })

  test('by the second fault, and then detection is due as long after that', () => {
    const story = journal({ observeMs: 20_000 })
      .fault('blackhole', { told: { nodes: [], expectGone: edges(['east', 'west'], ['west', 'east']) } })
      .fault('kill', { afterMs: 2000 })
      .takeOver({ detectedMs: 4900, electedMs: 5200, promotedMs: 5400, routedMs: 5550 })
      .outage({ fromMs: 2000, toMs: 5600 })
    expect(lostMs(story)).toBe(7000)
    const verdict = judge(story.build())
    expect(verdict).toMatchObject({ phasesFromMs: 7000, phasesMs: { detect: 2900 } })
    expect(verdict.phases[0]?.predicted).toEqual({ lowMs: 2000, highMs: 3500, dominatedBy: 'lease-ms' })
    expect(
      judge(
        journal()
          .fault('kill')
          .takeOver({ detectedMs: 2900, electedMs: 3200, promotedMs: 3400, routedMs: 3550 })
          .build(),
      ).phases[0]?.predicted,
    ).toEqual({ lowMs: 2000, highMs: 3500, dominatedBy: 'lease-ms' })
  })
})

describe('the primary is not lost', () => {
  const told: Told = { nodes: ['pg-east-a'], expectGone: nobodyGone }
  test.each<[string, Story]>([
    ['by a switchover', journal().fault('switchover', { told: { ...told, with: { to: 'other' } } })],
    [
      'by a drain, which takes its node in the end',
      journal().fault('drain', { told: { ...told, expectGone: { nodes: ['pg-east-a'], edges: [] } } }),
    ],
    ['by too little of a processor', on('cpu-starve', 'pg-east-a')],
    [
      'by a crash loop',
      journal().fault('crash-loop', { told: { ...told, expectGone: { nodes: ['pg-east-a'], edges: [] } } }),
    ],
    ['by the death of a standby', on('kill', 'pg-west-a')],
    ['when one link of its region is cut', cut('partial', ['east', 'west'], ['west', 'east'])],
    ['when the link flaps', cut('flap', ...isolated)],
    ['when the whole DCS dies with it: nobody can follow', on('kill', 'pg-east-a', ...dcsMembers)],
    [
      'after the cut was healed',
      journal()
        .fault('blackhole', { healMs: 1000, told: { nodes: [], expectGone: edges(['east', 'west']) } })
        .fault('blackhole', { afterMs: 3000, told: { nodes: [], expectGone: edges(['east', 'witness']) } }),
    ],
  ])('%s', (_, story) => {
    expect(lostMs(story)).toBeNull()
  })

  test('a planned change has its phases, and no prediction', () => {
    const verdict = judge(
      journal()
        .fault('switchover', { told: { ...told, with: { to: 'other' } } })
        .takeOver({ detectedMs: 100, electedMs: 300, promotedMs: 500, routedMs: 700 })
        .outage({ toMs: 750, as: 'slow' })
        .build(),
    )
    expect(verdict.phases.map(({ name, predicted }) => [name, predicted])).toEqual(
      ['detect', 'elect', 'promote', 'route', 'settle'].map((name) => [name, null]),
    )
    expect(verdict.moments).toMatchObject({ electedMs: 5300, promotedMs: 5500 })
  })
})

describe('routers that a fault disturbs', () => {
  const takeOver = { detectedMs: 2900, electedMs: 3200, promotedMs: 3400, routedMs: 3550 }
  const alive = (disturbed: string[] | undefined, kind: FaultKind = 'cpu-starve'): Story =>
    journal()
      .fault(kind, {
        told: {
          nodes: ['pg-east-a', 'haproxy-east'],
          expectGone: nobodyGone,
          ...(disturbed === undefined ? {} : { disturbed }),
        },
      })
      .takeOver(takeOver)
      .change('router.reachable', (event) => (event.reachable ? event : null))
      .outage({ toMs: 3600 })

  test('are not waited for', () => {
    expect(judge(alive(['pg-east-a', 'haproxy-east']).build()).moments.routedMs).toBe(8550)
    expect(judge(alive(undefined).build()).moments.routedMs).toBeNull()
  })

  test('a frozen app that is still up has not been taken out, a starved one may stay', () => {
    const app = (server: string, state: 'up' | 'down') =>
      ({
        kind: 'router.server',
        router: 'haproxy-west',
        backend: 'apps',
        server,
        writes: true,
        state,
        uncertaintyMs: 50,
      }) as const
    const story = (kind: FaultKind): Story =>
      journal()
        .disturb(kind, 'app-east-a')
        .takeOver(takeOver)
        .add(-500, app('app-east-a', 'up'))
        .add(-499, app('app-west-a', 'up'))
        .add(5000, app('app-east-a', 'down'))
        .outage({ toMs: 3600 })
    expect(judge(story('pause').build()).moments.routedMs).toBe(10_000)
    expect(judge(story('cpu-starve').build()).moments.routedMs).toBe(8550)
  })
})
