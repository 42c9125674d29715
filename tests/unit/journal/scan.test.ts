// Goal: the quick way of reading a request gives what JSON.parse and the schema give, or declines.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkEvent } from '../../../chaos/journal/check.ts'
import { outcomes, request } from '../../../chaos/journal/load.ts'
import { JournalParser } from '../../../chaos/journal/parse.ts'
import { RequestTable } from '../../../chaos/journal/requests.ts'
import { RequestScanner } from '../../../chaos/journal/scan.ts'
import { eventSchema } from '../../../chaos/journal/schema.ts'
import { met } from '../../journals/golden.ts'

const scan = (line: string) => {
  const bytes = Buffer.from(`padding${line}\n`)
  const table = new RequestTable()
  const row = new RequestScanner(table.texts).scan(bytes, 7, bytes.length - 1)
  if (row === undefined) return undefined
  table.append(row)
  return table.at(0)
}
const head = met().text().split('\n').slice(0, 2)
/** What a parser makes of a line after two others and before one more. */
function outcomeOf(add: (parser: JournalParser) => void): unknown {
  const parser = new JournalParser()
  try {
    for (const line of head) parser.addLine(line)
    add(parser)
    const { requests, milestones, complete, sequenceBreak, lastAtMs } = parser.finish()
    return { requests: [...requests], milestones, complete, sequenceBreak, lastAtMs }
  } catch (error) {
    return String(error)
  }
}
const ms = fc.oneof(
  fc.double({ min: -1e9, max: 1e9, noNaN: true }),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => Math.round(value * 1000) / 1000),
)
const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('east', 'pg-east-a', 'a "quoted" word', 'back\\slash', 'é'),
)
const requests = fc.record(
  {
    seq: fc.nat(),
    atMs: ms,
    kind: fc.constant('request' as const),
    n: fc.nat(),
    op: fc.constantFrom('write' as const, 'read' as const),
    scheduledMs: ms,
    startedMs: ms,
    endedMs: ms,
    outcome: fc.constantFrom(...outcomes),
    status: fc.integer({ min: 0, max: 599 }),
    error: text,
    node: text,
    region: text,
    database: text,
    session: fc.nat(),
    versions: fc.oneof(fc.tuple(fc.nat(), fc.nat()), fc.tuple(fc.nat(), fc.nat(), fc.nat(), fc.nat())),
  },
  { requiredKeys: ['seq', 'atMs', 'kind', 'n', 'op', 'scheduledMs', 'startedMs', 'endedMs', 'outcome', 'status'] },
)
const usual =
  '{"seq":12,"atMs":1010.5,"kind":"request","n":3,"op":"write","scheduledMs":1000,"startedMs":1000.25,"endedMs":1010.125,"outcome":"acked","status":200,"node":"app-east-a","region":"east","session":3,"versions":[12,4,873,9]}'

describe('the scanner', () => {
  test('reads what the writer writes', () => {
    expect(scan(usual)).toEqual(JSON.parse(usual))
  })

  test('gives what JSON.parse gives, to the last bit, or declines', () => {
    fc.assert(
      fc.property(requests, (event) => {
        const line = JSON.stringify(event)
        const scanned = scan(line)
        if (scanned !== undefined) expect(scanned).toStrictEqual(JSON.parse(line))
      }),
      { numRuns: 500 },
    )
  })

  test('is exact for times in microseconds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999_999_999 }), (microseconds) => {
        const line = usual.replace('1010.125', String(microseconds / 1000))
        expect(scan(line)?.endedMs).toBe(microseconds / 1000)
      }),
      { numRuns: 500 },
    )
  })

  test('never takes a line that the schema refuses', () => {
    const positions = fc.nat({ max: usual.length - 1 })
    fc.assert(
      fc.property(
        positions,
        fc.constantFrom('', '0', '-', '.', '"', 'x', ',', '}', '{', '9'),
        fc.boolean(),
        (at, piece, replace) => {
          const line = usual.slice(0, at) + piece + usual.slice(replace ? at + 1 : at)
          const scanned = scan(line)
          if (scanned !== undefined) expect(eventSchema.parse(JSON.parse(line))).toStrictEqual(scanned)
        },
      ),
      { numRuns: 2000 },
    )
  })

  // Several places at once, and any byte: digits, quotes, and what is no letter at all.
  test('gives the journal that the slow way gives, or its error, whatever was done to the line', () => {
    const bytes = fc.oneof(fc.constantFrom(...Buffer.from('"0123456789-.,:{}[]e\\ ')), fc.nat({ max: 255 }))
    const changes = fc.array(
      fc.record({ at: fc.nat({ max: 300 }), taken: fc.nat({ max: 2 }), put: fc.array(bytes, { maxLength: 2 }) }),
      { minLength: 0, maxLength: 3 },
    )
    fc.assert(
      fc.property(fc.oneof(requests, fc.constant(JSON.parse(usual))), changes, (event, edits) => {
        const line = [...Buffer.from(JSON.stringify(event))]
        for (const { at, taken, put } of edits) line.splice(at % line.length, taken, ...put)
        // The lines of a journal are cut at their ends before.
        const changed = Buffer.from(line.filter((byte) => byte !== 0x0a))
        expect(outcomeOf((parser) => parser.addBytes(changed, 0, changed.length))).toEqual(
          outcomeOf((parser) => parser.addLine(new TextDecoder().decode(changed))),
        )
      }),
      { numRuns: 3000 },
    )
  })

  test.each([
    ['another order', '{"atMs":1,"seq":0,"kind":"request"}'],
    ['another kind', '{"seq":1,"atMs":2,"kind":"note","text":"x"}'],
    ['an exponent', usual.replace('1000.25', '1e3')],
    ['a leading zero', usual.replace('1000.25', '01000.25')],
    ['no digits', usual.replace('1000.25', '.25')],
    ['too many digits', usual.replace('1000.25', '1000.2512345678901')],
    ['an unknown outcome', usual.replace('acked', 'lost')],
    ['a torn line', usual.slice(0, -5)],
    ['something after the end', `${usual} `],
    ['an escape', usual.replace('east"', 'ea\\u0073t"')],
    ['a third account', usual.replace('873,9', '873,9,5,6')],
    ['an account without a version', usual.replace('873,9', '873')],
    ['a status beyond its column', usual.replace('"status":200', '"status":2147483648')],
    ['a number beyond 32 bits', usual.replace('"n":3', '"n":4294967296')],
    ['less than no arrival', usual.replace('"n":3', '"n":-0')],
    ['a fraction of an arrival', usual.replace('"n":3', '"n":3.0')],
    ['no fraction after the point', usual.replace('1000.25', '1000.')],
    ['sixteen digits with a point', usual.replace('1000.25', '100000.2512345678')],
    ['a negative number of arrival', usual.replace('"n":3', '"n":-3')],
  ])('declines %s', (_, line) => {
    expect(scan(line)).toBeUndefined()
  })
})

describe('the hand-written check of requests', () => {
  // Whole numbers beyond 32 bits are refused by design.
  const small = fc.double().filter((value) => !Number.isInteger(value) || Math.abs(value) < 2 ** 31)
  const anything = fc.oneof(fc.constant(undefined), fc.string(), fc.integer(), small, fc.boolean(), fc.constant(null))

  test('agrees with the zod schema', () => {
    fc.assert(
      fc.property(
        requests,
        fc.constantFrom(...Object.keys(request.shape).filter((key) => key !== 'kind')),
        anything,
        (event, key, value) => {
          const changed = { ...event, [key]: value }
          expect('event' in checkEvent(changed)).toBe(request.safeParse(changed).success)
        },
      ),
      { numRuns: 1000 },
    )
  })
})
