// Goal: a store that takes connections and says nothing costs a request one short wait at most, and fails none.
//
//   app ─► redis-east ❄     redis-west
//
// Method: the node that is primary in a fresh world stands still for 15 s. No connection is refused, so clients need
// time limits of their own. When it goes on it still believes that it is primary, until the sentinels correct it.
import { fault, node, scenario } from '../define.ts'

export const storeFreeze = scenario({
  name: 'store-freeze',
  title: 'A node of the store stands still for 15 s: connected, and silent',
  tags: ['core', 'store'],
  faults: [fault('pause', node('redis-east'), { lasting: 15 })],
  observe: 28,
  objectives: { failedRequests: 0, lostWrites: 0, onePrimary: true, samePrimary: true },
})
