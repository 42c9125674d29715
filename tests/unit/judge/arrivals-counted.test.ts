// Goal: an arrival that was never made, or has no record, is never taken for one that was served.
// Method: the met journal with some of its arrivals gone, as a broken load generator or a liar would leave it. Each must
// be refused by name; where it is then not known when the others were due, no time may be told.
import { describe, expect, test } from 'vitest'
import type { RequestEvent } from '../../../chaos/journal/requests.ts'
import type { EventOf } from '../../../chaos/journal/schema.ts'
import { judge } from '../../../chaos/judge/judge.ts'
import { journal, type Story } from '../../journals/build.ts'
import { met } from '../../journals/golden.ts'

const rate = 40
const total = 720
const slotMs = 1000 / rate
const firstMs = 1000
const t0Ms = 5000
const due = (n: number) => firstMs + n * slotMs

const check = (story: Story, name: string) => {
  const verdict = judge(story.build())
  return {
    verdict,
    broken: verdict.validity.filter(({ holds }) => !holds).map((one) => one.name),
    detail: verdict.validity.find((one) => one.name === name)?.detail,
  }
}
/** As harnesses told it that did not yet write down how long the load was to last. */
const older = (story: Story) => story.change('load.started', ({ durationMs: _unknown, ...event }) => event)
const counted = (story: Story, change: Partial<EventOf<'load.ended'>>) =>
  story.change('load.ended', (event) => ({ ...event, ...change }))
/** Some are left out, and the others numbered as if nothing were missing: each is then due too early. */
const renumbered = (isGone: (n: number) => boolean, story = met()) => {
  let gone = 0
  return story.requests((request) => {
    if (isGone(request.n)) {
      gone++
      return null
    }
    const n = request.n - gone
    return { ...request, n, scheduledMs: due(n) }
  })
}
/** The same, with all times moved along: nothing in a request shows it. */
const moved = (isGone: (n: number) => boolean, story = met()) => {
  let gone = 0
  return story.requests((request) => {
    if (isGone(request.n)) {
      gone++
      return null
    }
    const by = gone * slotMs
    const { scheduledMs, startedMs, endedMs } = request
    return {
      ...request,
      n: request.n - gone,
      scheduledMs: scheduledMs - by,
      startedMs: startedMs - by,
      endedMs: endedMs - by,
    }
  })
}
const between = (from: number, to: number) => (n: number) => n >= from && n < to
/** 2 s of 40/s, from 0.5 s after T0 on. */
const hole = between(180, 260)

describe('the last line of the load generator was not read', () => {
  test('then it is not known what it made, whatever is recorded', () => {
    const { broken, detail, verdict } = check(
      counted(met(), { iterations: null, dropped: null }),
      'no-dropped-arrivals',
    )
    expect(broken).toEqual(['no-dropped-arrivals'])
    expect(detail).toMatch(/did not say how many arrivals it made and dropped/)
    expect(verdict).toMatchObject({ verdict: 'inconclusive', droppedArrivals: null, recoveredInMs: 3600 })
  })

  test.each([
    ['0', { iterations: 0, dropped: 0 }, /720 requests are recorded, and the load generator made only 0/],
    ['fewer', { iterations: 719 }, /720 requests are recorded, and the load generator made only 719/],
    ['more', { iterations: 721 }, /721 requests were made and only 720 recorded/],
  ])('%s were made than are recorded', (_, change, says) => {
    const { broken, detail } = check(counted(met(), change), 'no-dropped-arrivals')
    expect(broken).toEqual(['no-dropped-arrivals'])
    expect(detail).toMatch(says)
  })

  test('arrivals that were dropped all the same show in the starts of those that follow, and no time is told', () => {
    for (const lost of [
      { iterations: null, dropped: null },
      { iterations: 0, dropped: 0 },
    ]) {
      const { broken, detail, verdict } = check(
        counted(
          renumbered((n) => n === 200),
          lost,
        ),
        'no-dropped-arrivals',
      )
      expect(broken).toEqual(['no-dropped-arrivals'])
      expect(detail).toMatch(
        /arrivals were left out, .*: from \+\d\.\d+ s to the end every one started 25 ms or more after/,
      )
      expect(verdict).toMatchObject({ recoveredInMs: null, slowestRequestMs: null, failingMs: null, writeP99Ms: null })
    }
  })
})

describe('arrivals that are missing, and nobody says so', () => {
  const plainly = (story: Story, recorded: number) => counted(story, { iterations: recorded })

  test('a hole of two seconds, and the rest renumbered', () => {
    const { detail, broken } = check(plainly(renumbered(hole), total - 80), 'no-dropped-arrivals')
    expect(broken).toEqual(['no-dropped-arrivals'])
    expect(detail).toMatch(/arrivals were left out, .* every one started 2 s or more after its place in the schedule/)
  })
  test('the same with every time moved along: they are fewer than were planned', () => {
    const { detail, broken } = check(plainly(moved(hole), total - 80), 'no-dropped-arrivals')
    expect(broken).toContain('no-dropped-arrivals')
    expect(detail).toMatch(/640 arrivals were made where 720 were planned \(40\/s for 18 s\)/)
  })
  test('the same in an older journal: the load ends too early', () => {
    expect(check(plainly(older(moved(hole)), total - 80), 'no-dropped-arrivals').detail).toMatch(
      /the load stopped 2 s before the end of the observation/,
    )
  })

  const halved = (n: number) => n >= 160 && n % 2 === 1
  test.each([
    ['each dated by its number', renumbered(halved)],
    ['and moved along', moved(halved)],
    [
      'each due when it was',
      (() => {
        let gone = 0
        return met().requests((request) => (halved(request.n) ? (gone++, null) : { ...request, n: request.n - gone }))
      })(),
    ],
    ['in an older journal', older(renumbered(halved))],
  ])('the rate halved after the fault, %s', (_, story) => {
    expect(check(plainly(story, total - 280), 'no-dropped-arrivals').broken).toContain('no-dropped-arrivals')
  })
  test('the load generator was asked for half the rate', () => {
    const { detail } = check(
      met().change('load.started', (event) => ({ ...event, ratePerSecond: 20 })),
      'no-dropped-arrivals',
    )
    expect(detail).toBe('the load generator was started at 20 requests/s, and not at 40')
  })

  test.each([1900, 1000, 300, 75])('the last %i ms are cut off', (ms) => {
    const recorded = total - ms / slotMs
    const cut = plainly(
      met().requests((request) => (request.n >= recorded ? null : request)),
      recorded,
    )
    const { broken, detail } = check(cut, 'no-dropped-arrivals')
    expect(broken).toEqual(['no-dropped-arrivals'])
    expect(detail).toMatch(new RegExp(`${recorded} arrivals were made where 720 were planned`))
  })
  test('older journals do not say when the load was to end, only that it reaches the end of the observation', () => {
    const cut = (ms: number) =>
      plainly(
        older(met().requests((request) => (request.n >= total - ms / slotMs ? null : request))),
        total - ms / slotMs,
      )
    expect(check(cut(1900), 'no-dropped-arrivals').broken).toEqual(['no-dropped-arrivals'])
    expect(check(cut(300), 'no-dropped-arrivals').broken).toEqual(['no-dropped-arrivals'])
    expect(check(cut(200), 'no-dropped-arrivals').broken).toEqual([])
  })
  test('more arrivals than planned', () => {
    const { detail } = check(
      met().change('load.started', (event) => ({ ...event, durationMs: 17_000 })),
      'no-dropped-arrivals',
    )
    expect(detail).toMatch(/720 arrivals were made where 680 were planned/)
  })
})

describe('what k6 may do at the end of its time', () => {
  const planned = (durationMs: number) =>
    check(
      met().change('load.started', (event) => ({ ...event, durationMs })),
      'no-dropped-arrivals',
    ).broken
  test('make the arrival that is due at the very end, or not', () => {
    expect(planned(17_975)).toEqual([])
    expect(planned(18_000)).toEqual([])
    expect(planned(17_950)).toEqual(['no-dropped-arrivals'])
  })
  test('make the one that is due within 10 ms after it, or not', () => {
    expect(planned(17_974)).toEqual([])
    expect(planned(17_965)).toEqual([])
    expect(planned(17_964)).toEqual(['no-dropped-arrivals'])
  })
  // One time ends when an arrival is due, the other between two of them.
  test.each([17_950, 17_940])(
    'make more after %i ms, where it stood still until they were due as well',
    (durationMs) => {
      const late = (ms: number) =>
        check(
          met()
            .change('load.started', (event) => ({ ...event, durationMs }))
            .requests((request) =>
              request.n < total - 2
                ? request
                : { ...request, startedMs: request.startedMs + ms, endedMs: request.endedMs + ms },
            ),
          'no-dropped-arrivals',
        ).broken
      expect(late(20)).toEqual(['no-dropped-arrivals'])
      expect(late(26)).toEqual([])
    },
  )
  test('make one more, where it stood still until just after that one was due', () => {
    const made = total - 1
    const woke = (lateMs: number) =>
      check(
        counted(
          met()
            .change('load.started', (event) => ({ ...event, durationMs: 17_930 }))
            .requests((request) => {
              if (request.n >= made) return null
              return request.n === made - 2
                ? { ...request, startedMs: request.startedMs + lateMs, endedMs: request.endedMs + lateMs }
                : request
            }),
          { iterations: made },
        ),
        'no-dropped-arrivals',
      ).broken
    expect(woke(26)).toEqual([])
    expect(woke(0)).toEqual(['no-dropped-arrivals'])
  })
  test('not make one after its end while it was late with another', () => {
    const { broken } = check(
      met()
        .change('load.started', (event) => ({ ...event, durationMs: 17_950 }))
        .requests((request) =>
          request.n === total - 2
            ? { ...request, startedMs: request.startedMs + 40, endedMs: request.endedMs + 40 }
            : request,
        ),
      'no-dropped-arrivals',
    )
    expect(broken).toEqual(['no-dropped-arrivals'])
  })
  test('leave out what is due in the last 50 ms', () => {
    expect(planned(18_050)).toEqual([])
    expect(planned(18_075)).toEqual(['no-dropped-arrivals'])
  })
})

describe('dropped arrivals have no number', () => {
  test('so there is no figure of time, and losses are told all the same', () => {
    const dropped = counted(renumbered(between(200, 212)), { iterations: total - 12, dropped: 12 })
    const { verdict, broken } = check(dropped.absent('pg-west-b', [148]), 'no-dropped-arrivals')
    expect(broken).toEqual(['no-dropped-arrivals'])
    expect(verdict).toMatchObject({
      verdict: 'missed',
      outcome: null,
      recoveredInMs: null,
      slowestRequestMs: null,
      writeP99Ms: null,
      droppedArrivals: 12,
      lostWrites: 1,
      phases: [],
    })
    expect(verdict.validity.find(({ name }) => name === 'no-dropped-arrivals')?.detail).toMatch(
      /dropped 12 arrivals: .*, and it is not known when the others were due/,
    )
  })
})

describe('the load generator stood still', () => {
  const late = (lateMs: (request: RequestEvent) => number) =>
    met().requests((request) => {
      const by = lateMs(request)
      return {
        ...request,
        startedMs: request.startedMs + by,
        endedMs: Math.max(request.endedMs, request.startedMs + by + 9),
      }
    })

  test('and what was due meanwhile started when it went on', () => {
    const stillFromMs = t0Ms + 6000
    const { broken, detail } = check(
      late(({ scheduledMs }) =>
        scheduledMs >= stillFromMs && scheduledMs < stillFromMs + 800 ? stillFromMs + 800 - scheduledMs : 0,
      ),
      'load-reached-rate',
    )
    expect(broken).toEqual(['load-reached-rate'])
    expect(detail).toMatch(/the load generator stood still: what was due at \+11\.000 s started 801 ms late/)
  })
  test('or started in bunches', () => {
    const { broken, detail } = check(
      late(({ n }) => (n < 160 ? 0 : (9 - (n % 10)) * slotMs)),
      'load-reached-rate',
    )
    expect(broken).toEqual(['load-reached-rate'])
    expect(detail).toMatch(/half of the arrivals started \d+ ms or more after their schedule/)
  })
  test('a start as late as real ones are is none of its defects', () => {
    expect(
      check(
        late(({ n }) => (n % 50 === 0 ? 115 : n % 7)),
        'load-reached-rate',
      ).broken,
    ).toEqual([])
  })
})

test('a load with few arrivals is judged by their number', () => {
  const slow = journal({ ratePerSecond: 2, steadyMs: 20_000, observeMs: 20_000 }).fault('kill')
  expect(check(slow, 'no-dropped-arrivals').broken).not.toContain('no-dropped-arrivals')
})
