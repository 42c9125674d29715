// Goal: clients are served again as soon as the router is back. There is one, so its loss is theirs.
//
//   clients ─► router ✕    east   west
//
// Method: SIGKILL to the router; it comes back 5 s later.
import { fault, router, scenario } from './define.ts'

export const routerKill = scenario({
  name: 'router-kill',
  title: 'The router that clients enter by dies and comes back 5 s later',
  tags: ['core', 'router'],
  faults: [fault('kill', router('active'), { lasting: 5 })],
  observe: 25,
  objectives: { recoverWithinMs: 15_000, lostWrites: 0, onePrimary: true, samePrimary: true },
})
