// Goal: two regions that lose each other while both still reach the witness keep one primary, the one they had.
//
//   east (primary) ─✕══ link ══✕─ west
//               ╲                 ╱
//                  ── witness ──
//
// Method: every packet between the regions is dropped for 25 s. Quorum commit cannot have its copy in the other region
// meanwhile: what it acknowledges must still be there afterwards.
import { fault, link, scenario } from '../define.ts'

export const partition = scenario({
  name: 'partition',
  title: 'The link between the regions is cut for 25 s, while both still reach the witness',
  tags: ['core', 'partition'],
  faults: [fault('blackhole', link('primary', 'other'), { lasting: 25 })],
  observe: 45,
  objectives: { recoverWithinMs: 35_000, lostWrites: 0, onePrimary: true, samePrimary: true },
})
