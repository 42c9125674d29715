// Goal: no clock that is off makes an outage shorter, whether the comparisons tell it or not.
// Method: the met journal with the load generator's clock moved: all its times, some of them, told by the comparisons or
// not, and the moments at which the harness read of them moved along or not. Above the timing error each is refused;
// below it what is told is put right, and the verdict says so.
import { describe, expect, test } from 'vitest'
import type { RequestEvent } from '../../../chaos/journal/requests.ts'
import type { EventOf } from '../../../chaos/journal/schema.ts'
import { judge } from '../../../chaos/judge/judge.ts'
import { journal, type Story } from '../../journals/build.ts'
import { met } from '../../journals/golden.ts'

const t0Ms = 5000
const look = (story: Story) => {
  const verdict = judge(story.build())
  return {
    verdict,
    broken: verdict.validity.filter(({ holds }) => !holds).map((one) => one.name),
    said: verdict.validity.find(({ name }) => name === 'clocks-agree')?.detail ?? '',
  }
}
type Times = Pick<RequestEvent, 'scheduledMs' | 'startedMs' | 'endedMs' | 'atMs'>
const all =
  (ms: number) =>
  ({ scheduledMs, startedMs, endedMs }: Times): Partial<Times> => ({
    scheduledMs: scheduledMs + ms,
    startedMs: startedMs + ms,
    endedMs: endedMs + ms,
  })
const changed = (story: Story, edit: (event: EventOf<'request'>) => Partial<Times>) =>
  story.change('request', (event) => ({ ...event, ...edit(event) }))
const startMoved = (story: Story, ms: number) =>
  story.change('load.started', (event) => ({ ...event, firstArrivalMs: event.firstArrivalMs + ms }))
/** Every time that the load generator gave is off, the moment of its first arrival too. */
const off = (ms: number, story = met()) => startMoved(changed(story, all(ms)), ms)
const told = (ms: number, story: Story) => story.change('load.clock', (event) => ({ ...event, offsetMs: ms }))

describe.each([500, -500, 60, -60])('off by %i ms, and no comparison shows it', (ms) => {
  test('all times', () => {
    expect(look(off(ms)).broken).toContain('clocks-agree')
  })
  test('all times, without a start that could contradict', () => {
    expect(look(off(ms).without('load.started')).broken).toContain('clocks-agree')
  })
  test.each([
    ['times after the fault', (event: Times) => (event.scheduledMs >= t0Ms ? all(ms)(event) : {})],
    [
      'starts and answers after the fault',
      (event: Times) => {
        const { startedMs, endedMs } = all(ms)(event)
        return event.scheduledMs >= t0Ms ? { startedMs: startedMs ?? 0, endedMs: endedMs ?? 0 } : {}
      },
    ],
    ['answers', ({ endedMs }: Times) => ({ endedMs: endedMs + ms })],
    [
      'answers after the fault',
      ({ scheduledMs, endedMs }: Times) => (scheduledMs >= t0Ms ? { endedMs: endedMs + ms } : {}),
    ],
  ])('%s', (_, edit) => {
    expect(look(changed(met(), edit)).verdict.verdict).toBe('inconclusive')
    expect(look(changed(met(), edit).without('load.started')).verdict.verdict).toBe('inconclusive')
  })
})

/** The moments of reading are the harness's own; a journal in which they are moved along is one that was rewritten. */
describe('all times, and the moments at which they were read', () => {
  const rewritten = (ms: number) =>
    look(
      startMoved(
        changed(met(), (event) => ({ ...all(ms)(event), atMs: event.atMs + ms })),
        ms,
      ),
    )
  test.each([500, 60, 20, -500])('by %i ms: the harness saw the load generator start at another time', (ms) => {
    expect(rewritten(ms).broken).toContain('clocks-agree')
  })
})

describe('off for a while only', () => {
  const during = (fromMs: number, toMs: number, ms: number) =>
    look(changed(met(), (event) => (event.atMs >= fromMs && event.atMs < toMs ? { atMs: event.atMs + ms } : {})))
  test('longer than any host delays its lines', () => {
    const { broken, said } = during(9400, 11_000, 60)
    expect(broken).toEqual(['clocks-agree'])
    expect(said).toMatch(/every request was recorded 62 ms or more after it ended/)
  })
  test('a few late lines are those of a busy host', () => {
    expect(during(9400, 9900, 140).broken).toEqual([])
  })
  test('lines that are all late, in their order, too', () => {
    const late = changed(met(), ({ atMs }) => (atMs >= 9400 && atMs < 9900 ? { atMs: 9900 + (atMs - 9400) / 500 } : {}))
    expect(look(late).broken).toEqual([])
  })
  test('one line behind those of requests that ended later', () => {
    const { broken, said } = look(
      changed(met(), ({ scheduledMs, atMs }) => (scheduledMs === 9000 ? { atMs: atMs + 500 } : {})),
    )
    expect(broken).toEqual(['clocks-agree'])
    expect(said).toMatch(/request 320 ended 499 ms before request 340, and was recorded after it \(limit 250 ms\)/)
  })
})

describe('against what else the harness saw', () => {
  test('the load generator started before its first arrival was due', () => {
    const { said } = look(met().change('load.started', (event) => ({ ...event, atMs: event.atMs - 40 })))
    expect(said).toMatch(/was seen to start 40 ms before its first arrival was due: .* is ahead/)
  })
  test('or long after it', () => {
    const { said } = look(met().change('load.started', (event) => ({ ...event, atMs: event.atMs + 500 })))
    expect(said).toMatch(/was seen to start 499 ms after its first arrival did \(limit 100 ms\): .* is behind/)
  })
  test('the trial went on when the load had started, so the load as a whole cannot have been at another time', () => {
    const whole = (ms: number) =>
      look(
        off(ms, met().add(1000.2 - t0Ms, { kind: 'stage.entered', stage: 'steady' }))
          .change('request', (event) => ({ ...event, atMs: event.atMs + ms }))
          .change('load.started', (event) => ({ ...event, atMs: event.atMs + ms }))
          .change('load.ended', (event) => ({ ...event, atMs: event.atMs + ms })),
      )
    expect(whole(0).broken).toEqual([])
    for (const ms of [40, 500])
      expect(whole(ms).said).toMatch(/the trial went on \d+ ms before the load generator is said/)
    for (const ms of [-40, -500])
      expect(whole(ms).said).toMatch(/the trial went on \d+ ms after the load generator is said/)
  })
  test('a request ended after the load generator had', () => {
    const { said } = look(met().change('load.ended', (event) => ({ ...event, atMs: event.atMs - 950 })))
    expect(said).toMatch(/request \d+ ended \d+ ms after the load generator had/)
  })
})

describe('an offset that the comparisons tell', () => {
  test.each([8, -8])('of %i ms is put right, and said', (ms) => {
    const [truth, seen] = [look(met()), look(told(ms, off(ms)))]
    expect(seen.broken).toEqual([])
    expect(seen.said).toBe(
      `the load generator and the harness agreed on the time throughout; its clock was 8 ms ${ms > 0 ? 'ahead' : 'behind'}, and its times are put right by that`,
    )
    const figures = ({ validity: _validity, ...figures }: typeof truth.verdict) => figures
    expect(figures(seen.verdict)).toEqual(figures(truth.verdict))
  })
  test('of which a longer round trip is the reason is not', () => {
    const { verdict, said } = look(
      met().change('load.clock', (event) => ({ ...event, offsetMs: 8, roundTripMs: event.atMs < 9000 ? 16 : 18 })),
    )
    expect(verdict).toEqual(judge(met().build()))
    expect(said).not.toMatch(/put right/)
  })
  test('beyond the timing error makes the trial inconclusive', () => {
    expect(look(told(12, off(12)))).toMatchObject({ broken: ['clocks-agree'] })
  })
  test('that the requests contradict makes it inconclusive, too', () => {
    const { broken, said } = look(
      told(
        -9,
        changed(met(), ({ endedMs }) => ({ atMs: endedMs - 2 })),
      ),
    )
    expect(broken).toEqual(['clocks-agree'])
    expect(said).toMatch(/was recorded 11 ms before it ended/)
  })
})

describe('a step of the wall clock', () => {
  const stepped = (ms: number, story: Story) => story.change('load.clock', (event) => ({ ...event, stepMs: ms }))
  const until = (toMs: number, recoverWithinMs = 5000) =>
    journal({ objectives: { recoverWithinMs } })
      .fault('kill')
      .takeOver({ detectedMs: 3400, electedMs: 4100, promotedMs: 5600, routedMs: 5900 })
      .outage({ toMs })
  const time = (story: Story) => look(story).verdict.objectives.find(({ name }) => name === 'recover-within')?.verdict

  test.each([8, -8])('of %i ms makes no miss of a second a doubtful one', (ms) => {
    const { verdict, broken } = look(stepped(ms, until(6100)))
    expect(broken).toEqual(['clocks-agree'])
    expect(verdict.verdict).toBe('missed')
    expect(time(stepped(ms, until(6100)))).toBe('missed')
  })
  test.each([
    ['take-overs', { takeOvers: 0 }],
    ['dcs-elections', { dcsElections: 0 }],
  ])('says nothing against a miss of %s, which our own clock has seen', (name, objectives) => {
    const story = journal({ objectives })
      .fault('kill')
      .takeOver({ detectedMs: 3400, electedMs: 4100, promotedMs: 5600, routedMs: 5900 })
      .terms({ elections: [300] })
    const { verdict, broken } = look(stepped(8, story))
    expect(broken).toEqual(['clocks-agree'])
    expect(verdict.objectives.find((result) => result.name === name)?.verdict).toBe('missed')
  })
  test('leaves nothing met', () => {
    expect(look(stepped(8, met())).verdict).toMatchObject({ verdict: 'inconclusive' })
    expect(look(stepped(8, met())).verdict.objectives.filter(({ verdict }) => verdict === 'met')).toEqual([])
  })
  test('makes a miss doubtful that is no larger than it may have made it', () => {
    const exact = look(until(6100)).verdict.recoveredInMs as number
    expect(time(stepped(8, until(6100, exact - 15)))).toBe('inconclusive')
    expect(time(stepped(8, until(6100, exact - 25)))).toBe('missed')
  })
  test('makes every miss doubtful beside another defect, or an offset of the load generator', () => {
    const late = until(6100)
    expect(time(stepped(8, late.add(100, { kind: 'instrument.failed', instrument: 'beacon', reason: 'gone' })))).toBe(
      'inconclusive',
    )
    expect(time(stepped(8, told(30, until(6100))))).toBe('inconclusive')
    expect(
      time(
        stepped(
          8,
          changed(until(6100), ({ endedMs }) => ({ atMs: endedMs - 30 })),
        ),
      ),
    ).toBe('inconclusive')
  })
})
