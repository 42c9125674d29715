// Goal: whatever the arbiter does, and whenever, nothing acknowledged is lost.
// Method: every order of steps of a small machine (model.ts) within a budget of writes, takings, losses of the key,
// crashes and changes of the quorum. Then each guard is taken out, and the search must find the loss that it prevents.
import { describe, expect, test } from 'vitest'
import { allRules, type Budget, type Rules, search } from './model.ts'

const none: Budget = { writes: 1, acts: 0, losses: 0, crashes: 0, shrinks: 0 }
const searchMs = 60_000

describe('an arbiter that acts at any moment and on no evidence loses nothing', () => {
  test.each<[string, Partial<Budget>]>([
    ['with two writes', { writes: 2, acts: 1 }],
    ['acting twice', { acts: 2 }],
    ['when a node dies and comes back', { acts: 1, crashes: 1 }],
    ['when the primary changes its quorum', { acts: 1, shrinks: 1 }],
  ])(
    '%s',
    (_name, budget) => {
      const { found, promotions } = search(allRules, { ...none, ...budget })
      expect(found).toBeUndefined()
      expect(promotions, 'promotions that were looked at').toBeGreaterThan(1_000)
    },
    searchMs,
  )

  test(
    'nor does a lease that ends under a primary which does not notice',
    () => {
      expect(search(allRules, { ...none, losses: 2 }).found).toBeUndefined()
    },
    searchMs,
  )

  // Failsafe mode: the primary goes on while the DCS is away. When the DCS is back, the lease has ended, or the key is
  // there still; the primary takes it back, or others and the arbiter give it to somebody who does not know of it.
  test.each<[string, Partial<Budget>]>([
    ['and the arbiter acts, too', { losses: 1, acts: 1 }],
    ['and a node dies and comes back', { losses: 1, crashes: 1 }],
    ['and writes go on', { losses: 1, writes: 2 }],
  ])(
    'nor does a primary that goes on without the DCS, %s',
    (_name, budget) => {
      const { found, promotions } = search(allRules, { ...none, ...budget })
      expect(found).toBeUndefined()
      expect(promotions, 'promotions that were looked at').toBeGreaterThan(1_000)
    },
    searchMs,
  )
})

describe('each guard is needed', () => {
  test.each<[string, Partial<Rules>, Partial<Budget>, RegExp]>([
    ['the gate', { gate: false }, { acts: 1 }, /its successor \d lacks/],
    ['that its followers follow nobody else', { fence: false }, { acts: 1 }, /its successor \d lacks/],
    ['its signature', { signature: false }, { losses: 2 }, /0 is primary without acknowledged 0/],
    ['a /sync that is true for the survivors', { truthfulSync: false }, { acts: 1 }, /without acknowledged/],
  ])(
    '%s',
    (_name, rules, budget, loss) => {
      const { found } = search({ ...allRules, ...rules }, { ...none, ...budget })
      expect(found?.broken).toMatch(loss)
    },
    searchMs,
  )
})
