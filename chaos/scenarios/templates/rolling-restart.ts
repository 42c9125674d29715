// Goal: a rolling restart of the app is nothing that a client could notice.
//
//   clients ─► router ─┬─► app-east-a ✕ 1st    app-east-b ✕ 2nd
//                      └─► app-west-a ✕ 3rd    app-west-b ✕ 4th
//
// Method: 40 requests/s in an open model. One replica after the other is asked to stop, finishes what it has begun, and
// is started again 10 s later; the next one follows when it has had 10 s to become ready.
import { rolling, scenario } from '../define.ts'

export default scenario({
  name: 'rolling-restart',
  title: 'Every replica of the app is drained and started again, one after the other',
  tags: ['planned'],
  // Seconds from the first fault.
  faults: rolling(['app-east-a', 'app-east-b', 'app-west-a', 'app-west-b'], { every: 20, lasting: 10 }),
  observe: 85,
  objectives: { failedRequests: 0, lostWrites: 0, slowestRequestMs: 1_000, samePrimary: true },
})
