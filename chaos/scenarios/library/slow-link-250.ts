// Goal: 250 ms more each way make writes slow; they make no failover and lose nothing.
//
//   east (primary) ─── 265 ms ──► west
//
// Method: the link between the regions takes 250 ms longer in each direction, for 20 s. An app in the far region cannot
// write within its 2 s any more.
import { fault, link, scenario } from '../define.ts'

export const slowLink250 = scenario({
  name: 'slow-link-250',
  title: 'The link between the regions takes 250 ms longer each way for 20 s',
  tags: ['core', 'slow'],
  faults: [fault('slow', link('primary', 'other'), { lasting: 20, latencyMs: 250 })],
  observe: 35,
  objectives: { recoverWithinMs: 30_000, lostWrites: 0, onePrimary: true, samePrimary: true },
})
