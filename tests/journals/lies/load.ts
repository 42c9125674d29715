/** Lies about the load and about clocks. */
import type { EventOf, JournalEvent } from '../../../chaos/journal/schema.ts'
import { all, change, changeOne, type Events, inOrder, type Lie, lie, opened, shifted, t0Ms } from './lie.ts'

const arrived = ['no-dropped-arrivals', 'load-reached-rate', 'request-times-possible', 'load-as-planned']
const clocks = ['clocks-agree', 'request-times-possible']

/** Without some requests; the others numbered anew, and as many told as are left. */
function without(events: Events, gone: (request: EventOf<'request'>) => boolean): Events | undefined {
  const kept = all(events, 'request')
    .filter((request) => !gone(request))
    .toSorted((a, b) => a.n - b.n)
  if (kept.length === all(events, 'request').length) return undefined
  const number = new Map(kept.map((request, n) => [request.n, n]))
  return change(
    change(events, 'request', ({ n }) => (number.has(n) ? { n: number.get(n) as number } : null)),
    'load.ended',
    () => ({ iterations: kept.length }),
  )
}
const isRequest = (event: JournalEvent): boolean => event.kind === 'request' || event.kind === 'load.started'
/** All times of the load generator, as if its clock were wrong. */
const off = (events: Events, byMs: number): Events =>
  events.map((event) => (isRequest(event) ? { ...shifted(event, byMs), atMs: event.atMs } : event))
const lastDue = (events: Events): number => Math.max(...all(events, 'request').map(({ scheduledMs }) => scheduledMs))

export const loadLies: Lie[] = [
  lie('arrivals', 'the summary line was lost', arrived, (events) =>
    change(events, 'load.ended', () => ({ iterations: 0, dropped: 0 })),
  ),
  lie('arrivals', 'the summary line was lost, and a tenth of the arrivals dropped', arrived, (events) =>
    change(
      without(events, ({ n, scheduledMs }) => scheduledMs > t0Ms(events) && n % 10 === 0),
      'load.ended',
      () => ({
        iterations: 0,
        dropped: 0,
      }),
    ),
  ),
  lie('arrivals', 'arrivals were dropped', arrived, (events) => change(events, 'load.ended', () => ({ dropped: 3 }))),
  lie('arrivals', 'more was made than recorded', arrived, (events) =>
    change(events, 'load.ended', ({ iterations }) => ({ iterations: Number(iterations) + 3 })),
  ),
  lie('arrivals', 'less was made than recorded', arrived, (events) =>
    change(events, 'load.ended', ({ iterations }) => ({ iterations: Number(iterations) - 3 })),
  ),
  lie('arrivals', 'a hole of 2 s, numbered anew', arrived, (events) =>
    without(events, ({ scheduledMs }) => scheduledMs >= t0Ms(events) && scheduledMs < t0Ms(events) + 2_000),
  ),
  lie('arrivals', 'the rate was halved after the fault', arrived, (events) =>
    without(events, ({ scheduledMs, n }) => scheduledMs >= t0Ms(events) && n % 2 === 0),
  ),
  lie('arrivals', 'the failed and the slow left out, numbered anew', arrived, (events) => {
    const times = all(events, 'request').map(({ scheduledMs, endedMs }) => endedMs - scheduledMs)
    const slow = times.toSorted((a, b) => b - a)[40] ?? Infinity
    return without(events, ({ outcome, scheduledMs, endedMs }) => outcome !== 'acked' || endedMs - scheduledMs > slow)
  }),
  lie('arrivals', 'the last 1.9 s were cut off', [...arrived, 'invariants-hold'], (events) => {
    const fromMs = lastDue(events) - 1_900
    return without(events, ({ scheduledMs }) => scheduledMs > fromMs)
  }),
  lie('arrivals', 'the first 0.5 s after the fault were left out', arrived, (events) =>
    without(events, ({ scheduledMs }) => scheduledMs >= t0Ms(events) && scheduledMs < t0Ms(events) + 500),
  ),
  lie('arrivals', 'one arrival is recorded twice, another never', arrived, (events) =>
    changeOne(events, all(events, 'request')[300], () => ({
      ...all(events, 'request')[200],
      atMs: all(events, 'request')[300]?.atMs ?? 0,
    })),
  ),
  lie('arrivals', 'the schedule starts before the load', arrived, (events) =>
    change(events, 'load.started', ({ firstArrivalMs }) => ({ firstArrivalMs: firstArrivalMs - 3_000 })),
  ),
  lie('arrivals', 'the load had another rate than the scenario', arrived, (events) =>
    changeOne(events, opened(events), ({ scenario }) => ({
      scenario: { ...scenario, load: { ...scenario.load, ratePerSecond: scenario.load.ratePerSecond * 2 } },
    })),
  ),
  lie('arrivals', 'the load had a lower rate asked of it', arrived, (events) =>
    change(events, 'load.started', ({ ratePerSecond }) => ({ ratePerSecond: ratePerSecond / 2 })),
  ),
  lie('arrivals', 'the load had another share of writes than the scenario', arrived, (events) =>
    changeOne(events, opened(events), ({ scenario }) => ({
      scenario: { ...scenario, load: { ...scenario.load, writeShare: 0.9 } },
    })),
  ),
  lie(
    'arrivals',
    'after the fault there were only reads',
    [...arrived, 'every-database-read', 'invariants-hold'],
    (events) =>
      change(events, 'request', ({ op, scheduledMs }) =>
        op === 'write' && scheduledMs > t0Ms(events) ? { op: 'read', status: 200 } : undefined,
      ),
  ),
  lie('arrivals', 'the load generator failed', arrived, (events) =>
    change(events, 'load.ended', () => ({ exitCode: 107 })),
  ),
  lie('arrivals', 'the load generator ended twice', [...arrived, 'journal-consistent'], (events) => {
    const end = all(events, 'load.ended')[0]
    return end && inOrder([...events, { ...end, iterations: Number(end.iterations) - 9, atMs: end.atMs + 1 }])
  }),
  lie('arrivals', 'the load generator started twice', [...arrived, 'journal-consistent'], (events) => {
    const start = all(events, 'load.started')[0]
    return (
      start &&
      inOrder([...events, { ...start, firstArrivalMs: start.firstArrivalMs + 2_000, atMs: start.atMs + 2_000 }])
    )
  }),
  lie('arrivals', 'a client waited longer than its patience', arrived, (events) => {
    const { timeoutMs } = opened(events).scenario.load
    const request = all(events, 'request').find(({ scheduledMs }) => scheduledMs > t0Ms(events))
    const endedMs = (request?.startedMs ?? 0) + timeoutMs + 3_000
    return inOrder(changeOne(events, request, () => ({ endedMs, atMs: endedMs + 1 })))
  }),
  lie('arrivals', 'the observation was shorter than planned', arrived, (events) =>
    changeOne(events, opened(events), ({ scenario }) => ({
      scenario: { ...scenario, observeMs: scenario.observeMs + 1_900 },
    })),
  ),
  lie('arrivals', 'the steady state was shorter than planned', arrived, (events) =>
    changeOne(events, opened(events), ({ scenario }) => ({
      scenario: { ...scenario, steadyMs: scenario.steadyMs + 4_000 },
    })),
  ),
  lie('clocks', 'the clock of the clients is 500 ms behind, and nobody says so', clocks, (events) => off(events, -500)),
  lie('clocks', 'the clock of the clients is 500 ms ahead, and nobody says so', clocks, (events) => off(events, 500)),
  lie('clocks', 'an offset of 500 ms is told and never corrected', clocks, (events) =>
    change(events, 'load.clock', () => ({ offsetMs: 500, roundTripMs: 1_200 })),
  ),
  lie('clocks', 'a small offset is told with a great uncertainty', clocks, (events) =>
    change(events, 'load.clock', () => ({ offsetMs: 0, roundTripMs: 900 })),
  ),
  lie('clocks', 'the clock was compared at the start only', clocks, (events) =>
    change(events, 'load.clock', ({ atMs }) => (atMs > t0Ms(events) ? null : undefined)),
  ),
  lie('clocks', 'the clock was compared with nobody', clocks, (events) =>
    change(events, 'load.clock', () => ({ offsetMs: 0, roundTripMs: 0 })),
  ),
  lie('clocks', 'the wall clock stepped', clocks, (events) =>
    change(events, 'load.clock', (_, i) => (i === 5 ? { stepMs: 300 } : undefined)),
  ),
  lie('clocks', 'every answer was read 200 ms late', clocks, (events) =>
    inOrder(change(events, 'request', ({ endedMs }) => ({ atMs: endedMs + 200 }))),
  ),
  lie('clocks', 'slow requests say that they ended 240 ms before they did', clocks, (events) => {
    const slow = ({ startedMs, endedMs }: EventOf<'request'>): boolean => endedMs - startedMs > 500
    return all(events, 'request').filter(slow).length < 20
      ? undefined
      : change(events, 'request', (event) => (slow(event) ? { endedMs: event.endedMs - 240 } : undefined))
  }),
  lie('clocks', 'the clock of the clients went wrong for the outage alone', clocks, (events) =>
    events.map((event) =>
      event.kind === 'request' && event.scheduledMs > t0Ms(events) && event.scheduledMs < t0Ms(events) + 4_000
        ? { ...shifted(event, -400), atMs: event.atMs }
        : event,
    ),
  ),
]
