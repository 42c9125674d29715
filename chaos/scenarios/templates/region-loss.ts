// Goal: the other region serves writes again after the primary's region lost all power, and nothing it acknowledged is
// gone.
//
//   clients ─► router ─► east (primary) ✕   ══ link ══   west
//
// Method: 40 requests/s in an open model. Every process of the region dies at once, at a random point of one heartbeat,
// and comes back 40 s later.
import { fault, region, scenario } from '../define.ts'

export default scenario({
  name: 'region-loss',
  title: 'The region that holds the primary loses power and comes back 40 s later',
  tags: ['region'],
  // A role, so that the scenario means the same wherever the primary is: primary, other, or a region's name.
  faults: [fault('kill', region('primary'), { lasting: 40 })],
  // Seconds from the fault on. Leave time after the heal for the region to catch up.
  observe: 60,
  objectives: { recoverWithinMs: 30_000, lostWrites: 0, onePrimary: true },
})
