// Goal: a load that rises for a while is judged by the arrivals that were due, and one that did not rise as the scenario
// asks for proves nothing.
// Method: paper journals of 40 requests/s with a surge to 80/s, 3 s after the fault, for 4 s.
import { expect, test } from 'vitest'
import { judge } from '../../../chaos/judge/judge.ts'
import { dueUpTo, type Pace, type Surge } from '../../../chaos/scenarios/due.ts'
import { journal, type Story } from '../../journals/build.ts'

const surges = [{ atMs: 3_000, forMs: 4_000, times: 2 }]
const trial = (): Story =>
  journal({ surges }).fault('kill').takeOver({ detectedMs: 600, electedMs: 700, promotedMs: 900, routedMs: 950 })

const problems = (story: Story) =>
  judge(story.build())
    .validity.filter(({ holds }) => !holds)
    .map(({ name, detail }) => `${name}: ${detail}`)

test('what is due in a surge counts', () => {
  const verdict = judge(trial().build())
  expect(problems(trial())).toEqual([])
  expect(verdict.verdict).toBe('met')
  // 14 s at 40/s, and 4 s of 40/s more.
  expect(verdict.requests).toBe(14 * 40 + 4 * 40)
})

test('an outage in a surge is as long as it is', () => {
  const story = trial().outage({ fromMs: 4_000, toMs: 6_000 })
  expect(judge(story.build()).recoveredInMs).toBeCloseTo(6_000, -2)
})

test('one that outlasts the load is cut off by its end', () => {
  const story = journal({ surges: [{ atMs: 12_000, forMs: 10_000, times: 3 }] }).fault('none')
  expect(problems(story)).toEqual([])
})

test.each<[string, (story: Story) => Story, RegExp]>([
  [
    'was never asked for',
    (story) => story.change('load.started', ({ surges: _, ...event }) => event),
    /^load-reached-rate: the scenario asks for 1 surge of the load, and the load generator was asked for 0$/m,
  ],
  [
    'was asked for at half its height',
    (story) => story.change('load.started', (event) => ({ ...event, surges: changed(event, { ratePerSecond: 60 }) })),
    /^load-reached-rate: the surge that is due 3 s after the fault was asked for at 60 requests\/s; the scenario asks for 80$/m,
  ],
  [
    'came too late',
    (story) =>
      story.change('load.started', (event) => ({
        ...event,
        surges: changed(event, { fromMs: story.t0Ms + 4_200, toMs: story.t0Ms + 8_200 }),
      })),
    /^load-reached-rate: the surge that is due 3 s after the fault came 1\.2 s too late/m,
  ],
  [
    'was too short',
    (story) =>
      story.change('load.started', (event) => ({ ...event, surges: changed(event, { toMs: story.t0Ms + 5_000 }) })),
    /^load-reached-rate: the surge that is due 3 s after the fault lasted 2 s; it was to last 4 s$/m,
  ],
  [
    'came too early',
    (story) =>
      story.change('load.started', (event) => ({
        ...event,
        surges: changed(event, { fromMs: story.t0Ms + 2_400, toMs: story.t0Ms + 6_400 }),
      })),
    /^load-reached-rate: the surge that is due 3 s after the fault came 600 ms too early/m,
  ],
  [
    'ended before it began',
    (story) =>
      story.change('load.started', (event) => ({ ...event, surges: changed(event, { toMs: story.t0Ms + 2_900 }) })),
    /^load-reached-rate: surges of the load follow each other, and one is told from/m,
  ],
  [
    'has an end that nobody knows',
    (story) => story.change('load.started', ({ durationMs: _, ...event }) => event),
    /^load-reached-rate: how long a load with surges was to last is not recorded$/m,
  ],
  [
    'was asked for, and not made',
    (story) => {
      const usual = journal().build().requests.length
      return story
        .requests((request) =>
          request.n < usual ? { ...request, ...timesOf(request, 1_000 + (request.n * 1_000) / 40) } : null,
        )
        .change('load.ended', (event) => ({ ...event, iterations: usual }))
    },
    /request-times-possible: .* its place in the schedule/,
  ],
  [
    'lost a third of its arrivals',
    (story) => {
      const lost = (n: number) => n > 300 && n < 600 && n % 3 === 0
      return story
        .requests((request) => (lost(request.n) ? null : request))
        .change('load.ended', (event) => ({ ...event, iterations: Number(event.iterations) - 99 }))
    },
    /no-dropped-arrivals: 99 arrivals have no record/,
  ],
])('one that %s', (_, spoil, problem) => {
  const verdict = judge(spoil(trial()).build())
  expect(verdict.verdict).toBe('inconclusive')
  expect(problems(spoil(trial())).join('\n')).toMatch(problem)
})

test('one that is due at the end of the load must be there', () => {
  const late = () => journal({ surges: [{ atMs: 13_300, forMs: 10_000, times: 9 }] }).fault('none')
  expect(problems(late())).toEqual([])
  for (const [fromMs, toMs] of [
    [14_000, 14_000],
    [14_100, 14_000],
    [13_990, 14_000],
  ] as const) {
    const story = late()
    story.change('load.started', (event) => ({
      ...event,
      surges: changed(event, { fromMs: story.t0Ms + fromMs, toMs: story.t0Ms + toMs }),
    }))
    expect(problems(story).join('\n'), `${fromMs} to ${toMs}`).toMatch(/^load-reached-rate: /m)
  }
})

test('surges one after the other are told in their order', () => {
  const two = () =>
    journal({
      surges: [
        { atMs: 2_000, forMs: 2_000, times: 2 },
        { atMs: 6_000, forMs: 2_000, times: 2 },
      ],
    }).fault('none')
  expect(problems(two())).toEqual([])
  const overlapping = [
    { atMs: 2_000, forMs: 4_000, times: 2 },
    { atMs: 5_000, forMs: 2_000, times: 2 },
  ]
  expect(problems(journal({ surges: overlapping }).fault('none')).join('\n')).toMatch(
    /^load-reached-rate: surges of the load follow each other/m,
  )
  const reversed = two().change('load.started', (event) => ({ ...event, surges: event.surges?.toReversed() }))
  expect(problems(reversed).join('\n')).toMatch(/^load-reached-rate: /m)
})

/** Without these arrivals; k6 numbers the others anew, and starts them when it did. */
function leftOut(story: Story, gone: (n: number) => boolean): Story {
  const all = story.build().requests
  const kept = [...all].filter(({ n }) => !gone(n)).toSorted((a, b) => a.n - b.n)
  const places = new Map(kept.map(({ n }, place) => [n, { n: place, scheduledMs: all.scheduledMs(place) }]))
  return story
    .requests((request) => (places.has(request.n) ? { ...request, ...places.get(request.n) } : null))
    .change('load.ended', (event) => ({ ...event, iterations: kept.length }))
}

test('one arrival that is left out of a surge makes all others late by its shorter slot', () => {
  const toTheEnd = () => journal({ surges: [{ atMs: 8_000, forMs: 9_000, times: 2 }] }).fault('none')
  expect(problems(toTheEnd())).toEqual([])
  const spoiled = leftOut(toTheEnd(), (n) => n === 500)
  expect(problems(spoiled).join('\n')).toMatch(/no-dropped-arrivals: arrivals were left out/)
})

test('as much of the end may be missing in a surge, 50 ms, which are more arrivals', () => {
  const toTheEnd = () => journal({ surges: [{ atMs: 8_000, forMs: 9_000, times: 10 }] }).fault('none')
  const count = toTheEnd().build().requests.length
  const planned = (missing: number) =>
    problems(leftOut(toTheEnd(), (n) => n >= count - missing)).filter((problem) => problem.includes('were planned'))
  expect(planned(20)).toEqual([])
  expect(planned(21)).toHaveLength(1)
})

/** k6's first arrival of a load with surges is one slot after its start, which is no whole number of milliseconds. */
function later(story: Story, ms: number): Story {
  return story
    .requests((request) => ({ ...request, scheduledMs: request.scheduledMs + ms }))
    .change('load.started', (event) => ({
      ...event,
      firstArrivalMs: event.firstArrivalMs + ms,
      surges: (event.surges ?? []).map(({ fromMs, toMs, ...rest }) => ({
        ...rest,
        fromMs: fromMs + ms,
        toMs: toMs + ms,
      })),
    }))
}

// Sums of binary fractions: 960.0000000000001 arrivals were planned, and 960 made.
test('all that was due before the very end is as planned', () => {
  let beyond = 0
  for (let since = 4_470; since < 4_590; since++) {
    const surge = { atMs: 5_470, forMs: 4_000, times: 2 }
    const story = later(
      journal({ ratePerSecond: 15, observeMs: 56_000, surges: [surge] }).fault('none'),
      since + 1000 / 15,
    )
    const [started] = story.build().of('load.started')
    const planned = dueUpTo(started as Pace, (started?.firstArrivalMs ?? 0) + (started?.durationMs ?? 0))
    const whole = Math.round(planned)
    if (planned > whole) beyond++
    const made = leftOut(story, (n) => n >= whole)
    expect(
      problems(made).filter((problem) => problem.includes('were planned')),
      `${since} ms later`,
    ).toEqual([])
  }
  expect(beyond, 'sums that are too large').toBeGreaterThan(5)
})

function changed({ surges = [] }: { surges?: readonly Surge[] | undefined }, change: Partial<Surge>) {
  return surges.map((surge) => ({ ...surge, ...change }))
}

function timesOf(request: { scheduledMs: number; startedMs: number; endedMs: number; atMs: number }, dueMs: number) {
  const later = dueMs - request.scheduledMs
  return {
    scheduledMs: dueMs,
    startedMs: request.startedMs + later,
    endedMs: request.endedMs + later,
    atMs: request.atMs + later,
  }
}
