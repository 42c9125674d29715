// Goal: what is acknowledged while the regions cannot replicate to each other survives the loss of the region that
// acknowledged it.
//
//   clients ─► router ─► east (primary)  ─✕══ link ══✕─  west        at 0 s
//                        east ✕                                      at 3 s
//
// Method: the link between the regions falls silent; 3 s later the primary's region dies. Quorum commit acknowledges
// nothing in between. Asynchronous replication goes on acknowledging, and loses all of it: the double fault that tells
// the two apart.
import { fault, link, region, scenario } from '../define.ts'

export const linkCutRegionKill = scenario({
  name: 'link-cut-region-kill',
  title: 'The link between the regions is cut, and 3 s later the region that holds the primary loses power',
  tags: ['region', 'partition', 'double'],
  faults: [
    fault('hang', link('primary', 'other'), { lasting: 45 }),
    fault('kill', region('primary'), { at: 3, lasting: 42 }),
  ],
  observe: 65,
  objectives: { recoverWithinMs: 35_000, lostWrites: 0, onePrimary: true },
})
