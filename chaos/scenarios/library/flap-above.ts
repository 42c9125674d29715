// Goal: a region whose links come and go for longer than the detection time loses the primary once, and writes are
// served while it flaps on.
//
//   cut ▁▁▁▁▁▁▁▁▁▁▁▁▔▔▔▔▁▁▁▁▁▁▁▁▁▁▁▁  up
//
// Method: all links of the primary's region are cut for 26 s, whole for 6 s, and cut again. The first cut moves the
// primary; the second meets the old one while it rejoins.
import { fault, region, scenario } from '../define.ts'

export const flapAbove = scenario({
  name: 'flap-above',
  title: "The links of the primary's region are cut for 26 s, twice, 6 s apart",
  tags: ['core', 'flap'],
  faults: [fault('flap', region('primary'), { lasting: 58, of: 'blackhole', downMs: 26_000, upMs: 6_000 })],
  observe: 75,
  objectives: { recoverWithinMs: 50_000, lostWrites: 0, onePrimary: true },
})
