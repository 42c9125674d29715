// Goal: what must still hold, in one sentence.
//
//   clients ─► router ─► east (primary)  ══ link ══  west
//
// Method: what is broken, when, and for how long; under which load.
import { fault, nothing, scenario } from '../define.ts'

export default scenario({
  name: 'custom-empty',
  title: 'Nothing is broken yet',
  tags: [],
  load: { ratePerSecond: 40, writeShare: 0.5, timeoutMs: 5_000 },
  // none is the control. An editor completes the other kinds, and the options that each needs; define.ts has the
  // functions for targets.
  faults: [fault('none', nothing, { lasting: 5 })],
  // Seconds from the first fault.
  observe: 12,
  // A scenario that asks for nothing is inconclusive. There is also recoverWithinMs, slowestRequestMs, writeP99Ms,
  // writeGapMs and samePrimary.
  objectives: { failedRequests: 0, lostWrites: 0, onePrimary: true },
})
