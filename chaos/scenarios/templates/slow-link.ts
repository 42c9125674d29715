// Goal: a slow link between the regions makes writes slower, and nothing else: no failover, no failed request.
//
//   clients ─► router ─► east (primary) ─~~~~ link ~~~~─ west
//
// Method: 40 requests/s in an open model. The link takes 80 ms longer in each direction, so a write that waits for the
// other region takes at least 160 ms longer.
import { fault, link, scenario } from '../define.ts'

export default scenario({
  name: 'slow-link',
  title: 'The link between the regions takes 80 ms longer in each direction for 30 s',
  tags: ['link'],
  faults: [fault('slow', link('primary', 'other'), { lasting: 30, latencyMs: 80 })],
  observe: 45,
  // Slow is no reason to fail over.
  objectives: { failedRequests: 0, lostWrites: 0, writeP99Ms: 1_000, samePrimary: true },
})
