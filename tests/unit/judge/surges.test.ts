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
    /^load-reached-rate: the scenario asks for 1 surges of the load, and the load generator was asked for 0$/m,
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
    /^load-reached-rate: the surge that is due 3 s after the fault came 4\.2 s after it/m,
  ],
  [
    'was too short',
    (story) =>
      story.change('load.started', (event) => ({ ...event, surges: changed(event, { toMs: story.t0Ms + 5_000 }) })),
    /^load-reached-rate: the surge that is due 3 s after the fault lasted 2 s; the scenario asks for 4 s$/m,
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
