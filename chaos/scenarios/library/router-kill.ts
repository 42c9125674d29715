// Goal: clients are served again as soon as the other router has their address; only what was with the dead one is lost
// to them.
//
//   clients ─► router-1 ✕   router-2    one address
//                ╲             ╱
//                 east     west
//
// Method: SIGKILL to the router that has the address; it comes back 5 s later. Requests that it had fail with it: some
// four, of 40 a second. A new one waits a second at most, for its TCP to ask again.
import { fault, router, scenario } from '../define.ts'

export const routerKill = scenario({
  name: 'router-kill',
  title: 'The router that clients enter by dies and comes back 5 s later',
  tags: ['core', 'router'],
  faults: [fault('kill', router('active'), { lasting: 5 })],
  observe: 25,
  objectives: {
    recoverWithinMs: 2_000,
    failedRequests: 8,
    slowestRequestMs: 2_000,
    lostWrites: 0,
    onePrimary: true,
    samePrimary: true,
  },
})
