// Goal: the judge and the load generator's script agree on which account a request is of.
// Method: the functions of the script itself, taken from its text, against those of chaos/journal/schedule.ts.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { accountOf, otherAccountOf } from '../../../chaos/journal/schedule.ts'

const script = readFileSync(new URL('../../../chaos/load/script.js', import.meta.url), 'utf8')

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
