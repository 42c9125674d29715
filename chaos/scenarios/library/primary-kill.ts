// Goal: a database that dies is replaced, and every write that it had acknowledged is on its successor.
//
//   clients ─► router ─► app ─► pg-east-a (primary) ✕     pg-east-b   pg-west-a   pg-west-b
//
// Method: SIGKILL to every process of the node, its Patroni included, so nothing informs the DCS: the others have to
// notice.
import { fault, node, scenario } from '../define.ts'

export const primaryKill = scenario({
  name: 'primary-kill',
  title: 'The primary dies, and comes back 32 s later as a standby',
  tags: ['core', 'node'],
  faults: [fault('kill', node('primary'), { lasting: 32 })],
  observe: 50,
  objectives: { recoverWithinMs: 10_000, failedRequests: 0, slowestRequestMs: 4_000, lostWrites: 0, onePrimary: true },
})
