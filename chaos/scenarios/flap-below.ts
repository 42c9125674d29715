// Goal: a region whose links come and go, each time for less than the detection time, keeps the primary.
//
//   cut ▁▁▁▁▔▔▔▔▔▔▔▁▁▁▁▔▔▔▔▔▔▔▁▁▁▁▔▔▔  up
//
// Method: all links of the primary's region are cut for 5 s and whole for 8 s, three times. Each cut is an outage for writes; none is worth
// a failover, for the lease lasts 20 s.
import { fault, region, scenario } from './define.ts'

export const flapBelow = scenario({
  name: 'flap-below',
  title: 'The links of the primary\'s region are cut for 5 s, three times, 8 s apart',
  tags: ['core', 'flap'],
  faults: [fault('flap', region('primary'), { lasting: 36, of: 'blackhole', downMs: 5_000, upMs: 8_000 })],
  observe: 50,
  objectives: { recoverWithinMs: 42_000, lostWrites: 0, onePrimary: true, samePrimary: true },
})
