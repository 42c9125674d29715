// Goal: a region whose links come and go, each time for less than the detection time, keeps the primary.
//
//   cut ▁▔▔▔▔▁▔▔▔▔▁▔▔▔▔▁▔▔▔▔▁▔▔▔▔▁▔▔▔  up
//
// Method: all links of the primary's region are cut for 0.35 s every two seconds, 18 times. The arbiter acts on a
// silence of 0.6 s, the lease lasts 20 s: each cut holds requests up, and none is worth a change of primary.
import { fault, region, scenario } from '../define.ts'

export const flapBelow = scenario({
  name: 'flap-below',
  title: "The links of the primary's region are cut for 0.35 s, every two seconds",
  tags: ['core', 'flap'],
  faults: [fault('flap', region('primary'), { lasting: 36, of: 'blackhole', downMs: 350, upMs: 1_650 })],
  observe: 50,
  objectives: { recoverWithinMs: 42_000, lostWrites: 0, onePrimary: true, samePrimary: true },
})
