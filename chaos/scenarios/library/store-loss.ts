// Goal: without any store the system is slower at worst: nothing fails, nothing is lost.
//
//   app ─► redis-east ✕     redis-west ✕
//
// Method: SIGKILL to both nodes at once, so that no node can take over. Both come back empty 15 s later, and must agree
// on one primary.
import { fault, nodes, scenario } from '../define.ts'

export const storeLoss = scenario({
  name: 'store-loss',
  title: 'The whole store dies and comes back empty 15 s later',
  tags: ['core', 'store'],
  faults: [fault('kill', nodes('redis-east', 'redis-west'), { lasting: 15 })],
  observe: 28,
  objectives: { failedRequests: 0, lostWrites: 0, onePrimary: true, samePrimary: true },
})
