// Goal: what nobody looked at, or looked at with a clock that was wrong, is never met.
// Method: the met journal with one thing left out, or one number that is a lie; every time another, and not one of them
// may stay met.
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseJournal } from '../../../chaos/journal/parse.ts'
import { recordedJournal } from '../../../chaos/journal/recorded.ts'
import type { EventKind, EventOf, JournalEvent } from '../../../chaos/journal/schema.ts'
import { judge } from '../../../chaos/judge/judge.ts'
import { met } from '../../journals/golden.ts'

const events = met().events()
/** Numbered anew: that something is missing must show by itself, and not by a hole in the numbers. */
const judged = (changed: readonly JournalEvent[]) =>
  judge(recordedJournal(changed.map((event, seq) => ({ ...event, seq }))))

/** What no promise rests on, and why. Whatever else a trial records must be there. */
const noWitness: Partial<Record<EventKind, string>> = {
  'trial.opened': 'without it there is no journal',
  'dcs.leader': 'shows how a change of primary went; that it did, the databases show',
  'router.server': 'the same: clients show whether they were served',
  'router.reachable': 'the same',
  'host.sampled': 'what is met on a poor host stands',
  'heal.acted': 'how long the heal took; that it did, its proof shows',
}

describe('a witness that is not there', () => {
  const kinds = [...new Set(events.map((event) => event.kind))]
  test.each(kinds.filter((kind) => noWitness[kind] === undefined))('%s', (kind) => {
    expect(judged(events.filter((event) => event.kind !== kind)).verdict).toBe('inconclusive')
  })

  test('nothing is excused that a trial does not record', () => {
    expect(Object.keys(noWitness).filter((kind) => !kinds.includes(kind as EventKind))).toEqual([])
  })

  const single: EventKind[] = ['observer.started', 'observer.summary', 'audit.read']
  // That the event loop was watched, its summary shows.
  const each = events.filter(
    (event) => single.includes(event.kind) && !(event.kind === 'observer.started' && event.observer === 'harness'),
  )
  test.each(
    each.map((event): [string, JournalEvent] => [
      `${event.kind} ${'subject' in event ? event.subject : 'node' in event ? event.node : ''}`,
      event,
    ]),
  )('%s', (_, gone) => {
    expect(judged(events.filter((event) => event !== gone)).verdict).toBe('inconclusive')
  })

  test('any request', () => {
    const requests = events.filter((event) => event.kind === 'request')
    fc.assert(
      fc.property(fc.nat(requests.length - 1), (index) => {
        expect(judged(events.filter((event) => event !== requests[index])).verdict).toBe('inconclusive')
      }),
      { numRuns: 30 },
    )
  })
})

describe('a lie', () => {
  /** The journal with one event of a kind changed. */
  const lied = <K extends EventKind>(kind: K, index: number, lie: (event: EventOf<K>) => Partial<EventOf<K>>) => {
    const told = events.filter((event) => event.kind === kind)[index]
    return judged(
      events.map((event) => (event === told ? ({ ...event, ...lie(event as EventOf<K>) } as JournalEvent) : event)),
    )
  }
  const requests = events.filter((event) => event.kind === 'request').length
  const clocks = events.filter((event) => event.kind === 'load.clock').length
  const beyond = (limitMs: number) =>
    fc
      .tuple(fc.double({ min: limitMs + 1, max: 1e7, noNaN: true }), fc.boolean())
      .map(([ms, less]) => (less ? -ms : ms))

  const lies: Record<string, (event: EventOf<'request'>, ms: number) => Partial<EventOf<'request'>>> = {
    'ended before it started': ({ startedMs }, ms) => ({ endedMs: startedMs - Math.abs(ms) }),
    'started before it was due': ({ scheduledMs }, ms) => ({ startedMs: scheduledMs - Math.abs(ms) }),
    'was due at another time': ({ scheduledMs }, ms) => ({ scheduledMs: scheduledMs + ms }),
    'ended when it was known already': ({ atMs }, ms) => ({ endedMs: atMs + Math.abs(ms) }),
  }
  test.each(Object.keys(lies))('of a request: it %s', (name) => {
    fc.assert(
      fc.property(fc.nat(requests - 1), beyond(10), (index, ms) => {
        expect(lied('request', index, (event) => lies[name]?.(event, ms) ?? {}).verdict).toBe('inconclusive')
      }),
      { numRuns: 30 },
    )
  })

  test('of the clocks: one stepped, or was apart, at one look', () => {
    fc.assert(
      fc.property(fc.nat(clocks - 1), beyond(10), fc.boolean(), (index, ms, stepped) => {
        expect(lied('load.clock', index, () => (stepped ? { stepMs: ms } : { offsetMs: ms })).verdict).toBe(
          'inconclusive',
        )
      }),
      { numRuns: 30 },
    )
  })

  test('of the clocks: somebody is said to have compared them, for more than ten seconds', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 7 }),
        fc.constantFrom<Partial<EventOf<'load.clock'>>>(
          { offsetMs: null, roundTripMs: null },
          { offsetMs: 0, roundTripMs: 0 },
        ),
        (from, nobody) => {
          let looks = 0
          const changed = events.map((event) =>
            event.kind === 'load.clock' && looks++ >= from && looks <= from + 11 ? { ...event, ...nobody } : event,
          )
          expect(judged(changed).verdict).toBe('inconclusive')
        },
      ),
      { numRuns: 10 },
    )
  })
})

test('a journal of the first version is judged by what was looked at then', () => {
  const text = readFileSync(new URL('../../journals/met.version-1.ndjson', import.meta.url), 'utf8')
  expect(judge(parseJournal(text)).verdict).toBe('met')
  // What it could not know is not asked of it; what it could is.
  const blind = text
    .split('\n')
    .filter((line) => !line.includes('"load.clock"'))
    .map((line, seq) => line.replace(/"seq":\d+/, `"seq":${seq}`))
    .join('\n')
  expect(judge(parseJournal(blind)).summary).toMatch(/^inconclusive, clocks-agree: /)
})
