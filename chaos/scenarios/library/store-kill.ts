// Goal: the death of a node of the store is no outage: reads come from the database meanwhile.
//
//   app ─► redis-east ✕     redis-west
//
// Method: SIGKILL to the node that is primary in a fresh world. Sentinel replaces it; 15 s later it comes back, and
// must follow.
import { fault, node, scenario } from '../define.ts'

export const storeKill = scenario({
  name: 'store-kill',
  title: 'A node of the store dies and comes back 15 s later',
  tags: ['core', 'store'],
  faults: [fault('kill', node('redis-east'), { lasting: 15 })],
  observe: 28,
  objectives: { failedRequests: 0, lostWrites: 0, onePrimary: true, samePrimary: true },
})
