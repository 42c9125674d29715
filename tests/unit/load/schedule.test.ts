// Goal: the judge and the load generator's script agree on which requests write, on their accounts, and on the write that
// a read looks at. Any part of the schedule has its share of writes, and so has each of several replicas that take turns.
// Method: the functions of the script itself, taken from its text, against those of chaos/journal/schedule.ts.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  accountOf,
  isShuffledWrite,
  longestBetweenWrites,
  otherAccountOf,
  writeReadBy,
} from '../../../chaos/journal/schedule.ts'

const textOf = (name: string): string => readFileSync(new URL(`../../../chaos/load/${name}`, import.meta.url), 'utf8')
const script = textOf('script.js')
const arrivals = textOf('arrivals.js')

test('both give each number the same accounts', () => {
  const body = script.slice(script.indexOf('function accountOf'), script.indexOf('// Only what the harness must know'))
  interface Posted {
    from: number
    to: number
  }
  const asked = new Function(
    'n',
    `const accounts = 1000, timeout = '', __ENV = {}; const http = { post: (_, body) => JSON.parse(body) }; ${body}
     return transfer(n)`,
  ) as (n: number) => Posted
  for (let n = 0; n < 5_000; n += 7) expect(asked(n)).toMatchObject({ from: accountOf(n), to: otherAccountOf(n) })
})

test.each([
  [40, 0.5],
  [500, 0.5],
  [10, 0.2],
  [200, 1],
  [40, 0],
])('at %i/s, of which %f write, both let each read look at the same write', (ratePerSecond, writeShare) => {
  const own = arrivalsOf(ratePerSecond, writeShare)
  for (let n = 0; n < 2_000; n++)
    expect(writeReadBy(n, { ratePerSecond, isWrite: own.isWrite }), `of read ${n}`).toBe(own.recentWrite(n))
})

describe.each([
  ['the own load', false],
  ['declared requests', true],
])('%s', (_whose, shuffled) => {
  test.each([0, 0.2, 0.3, 0.5, 0.9, 1])(
    'with a share of %f, any first n arrivals have as many writes',
    (writeShare) => {
      const own = arrivalsOf(40, writeShare, shuffled)
      let writes = 0
      for (let n = 0; n < 2_000; n++) {
        // To within one, and two where neighbours change places.
        expect(Math.abs(writes - n * writeShare), `of the first ${n}`).toBeLessThan(shuffled ? 2 : 1)
        expect(own.writesBefore(n), `of the first ${n}`).toBe(writes)
        if (own.isWrite(n)) writes++
      }
    },
  )

  test.each([0.2, 0.3, 0.5, 0.9, 1])(
    'with a share of %f, no two writes in a row are further apart than told',
    (share) => {
      const own = arrivalsOf(40, share, shuffled)
      const writes = Array.from({ length: 20_000 }, (_, n) => n).filter((n) => own.isWrite(n))
      const apart = writes.slice(1).map((n, index) => n - (writes[index] ?? n))
      expect(Math.max(...apart)).toBe(longestBetweenWrites(share, { shuffled }))
    },
  )
})

test.each([0.2, 0.5, 0.9])('of declared requests with a share of %f the judge knows which write', (writeShare) => {
  const own = arrivalsOf(40, writeShare, true)
  for (let n = 0; n < 2_000; n++) expect(isShuffledWrite(n, writeShare), `${n}`).toBe(own.isWrite(n))
})

test.each([2, 3, 4])('each of %i replicas that take turns gets its part of the declared writes', (replicas) => {
  const own = arrivalsOf(40, 0.5, true)
  const got = Array.from({ length: replicas }, () => 0)
  for (let n = 0; n < 1_200; n++) if (own.isWrite(n)) got[n % replicas] = (got[n % replicas] ?? 0) + 1
  for (const writes of got) expect(Math.abs((writes * replicas) / 600 - 1), `${got}`).toBeLessThan(0.15)
})

interface Arrivals {
  isWrite(n: number): boolean
  recentWrite(n: number): number
  writesBefore(n: number): number
}

function arrivalsOf(ratePerSecond: number, writeShare: number, shuffled = false): Arrivals {
  return new Function('__ENV', `${arrivals}\nreturn { isWrite, recentWrite, writesBefore }`)({
    RATE: ratePerSecond,
    WRITE_SHARE: writeShare,
    ...(shuffled && { REQUESTS: '[]' }),
  }) as Arrivals
}
