// Goal: a load that rises for a while is judged by the arrivals that were due, and one that did not rise as the scenario
// asks for proves nothing.
// Method: paper journals of 40 requests/s with a surge to 80/s, 3 s after the fault, for 4 s.
import { expect, test } from 'vitest'
import { judge } from '../../../chaos/judge/judge.ts'
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
  const reversed = two().change('load.started', (event) => ({ ...event, surges: event.surges?.toReversed() }))
  expect(problems(reversed).join('\n')).toMatch(/^load-reached-rate: /m)
})

// Sums of binary fractions: 960.0000000000001 arrivals were planned, and 960 made.
test.each([3, 6, 7, 15, 19])('at %i/s, all that was due and nothing more is as planned', (ratePerSecond) => {
  for (let atMs = 1_001; atMs < 1_400; atMs += 13) {
    const story = journal({ ratePerSecond, observeMs: 60_000, surges: [{ atMs, forMs: 2_000, times: 2 }] }).fault(
      'none',
    )
    const missing = problems(story).filter((problem) => problem.includes('were planned'))
    expect(missing, `from ${atMs} on`).toEqual([])
  }
})

interface Pace {
  surges?: { fromMs: number; toMs: number; ratePerSecond: number }[] | undefined
}
function changed({ surges = [] }: Pace, change: Partial<NonNullable<Pace['surges']>[number]>) {
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
