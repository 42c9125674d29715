// Goal: a primary whose region loses the witness, and nothing else, stays: the other region still links all three.
//
//   east (primary) ══ link ══ west
//               ✕             ╱
//                  ── witness ──
//
// Method: the primary's region is cut off from the witness alone, for longer than its lease. The DCS has its leader at
// the witness; its member in the region has lost it, and the primary must not be lost with it. The arbiter has lost the
// primary, too, and must ask others.
import { fault, region, scenario } from '../define.ts'

export const witnessCut = scenario({
  name: 'witness-cut',
  title: "The primary's region cannot reach the witness for 28 s",
  tags: ['core', 'partition'],
  faults: [fault('partial', region('primary'), { lasting: 28, from: ['witness'] })],
  observe: 45,
  objectives: { recoverWithinMs: 35_000, lostWrites: 0, onePrimary: true, samePrimary: true },
})
