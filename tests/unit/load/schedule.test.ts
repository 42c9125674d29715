// Goal: the judge and the load generator's script agree on which account a request is of, and on the write that a read
// looks at.
// Method: the functions of the script itself, taken from its text, against those of chaos/journal/schedule.ts.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { accountOf, otherAccountOf, writeReadBy } from '../../../chaos/journal/schedule.ts'

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
  const own = new Function(
    '__ENV',
    `${arrivals}
     return { isWrite, recentWrite }`,
  )({ RATE: ratePerSecond, WRITE_SHARE: writeShare }) as {
    isWrite(n: number): boolean
    recentWrite(n: number): number
  }
  for (let n = 0; n < 2_000; n++)
    expect(writeReadBy(n, { ratePerSecond, isWrite: own.isWrite }), `of read ${n}`).toBe(own.recentWrite(n))
})
