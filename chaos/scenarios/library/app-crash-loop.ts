// Goal: a replica that crashes again and again costs no client a request.
//
//   clients ─► router ─► app-east-a ✕ ▶ ✕ ▶    app-east-b   app-west-a   app-west-b
//
// Method: the replica dies every 4 s and comes back 2 s later, for 20 s. The router repeats what got no answer at
// another replica.
import { fault, node, scenario } from '../define.ts'

export const appCrashLoop = scenario({
  name: 'app-crash-loop',
  title: 'One app replica crashes every few seconds for 20 s',
  tags: ['core', 'app'],
  faults: [fault('crash-loop', node('app-east-a'), { lasting: 20, upMs: 4_000, downMs: 2_000 })],
  observe: 36,
  objectives: { failedRequests: 0, lostWrites: 0, onePrimary: true, samePrimary: true },
})
