// Goal: a router that stood still does not take back the clients that the other one serves by then.
//
//   clients ─► router-1 ❚❚ …… ▶ "I have the address"
//                                   ╲
//   clients ───────────► router-2 ── the one address
//
// Method: the freezer stops the router that has the address for 6 s. The other one takes it within half a second. What
// came to the frozen one until then fails: some 15 requests, at 40 a second. When it goes on it has neither lost a
// connection nor seen a clock jump, and believes that it still has the address.
import { fault, router, scenario } from '../define.ts'

export const routerFreeze = scenario({
  name: 'router-freeze',
  title: 'The router that clients enter by freezes for 6 s, and wakes up',
  tags: ['core', 'router', 'freeze'],
  faults: [fault('pause', router('active'), { lasting: 6 })],
  observe: 25,
  objectives: {
    recoverWithinMs: 2_000,
    failedRequests: 24,
    slowestRequestMs: 2_000,
    lostWrites: 0,
    onePrimary: true,
    samePrimary: true,
  },
})
