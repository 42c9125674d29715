// Goal: 80 ms more each way between the regions cost writes that much and no more.
//
//   east (primary) ─── 95 ms ──► west
//
// Method: the link between the regions takes 80 ms longer in each direction, for 20 s. A commit waits for the other
// region once; an app in the far region waits for each of its questions.
import { fault, link, scenario } from '../define.ts'

export const slowLink80 = scenario({
  name: 'slow-link-80',
  title: 'The link between the regions takes 80 ms longer each way for 20 s',
  tags: ['core', 'slow'],
  faults: [fault('slow', link('primary', 'other'), { lasting: 20, latencyMs: 80 })],
  observe: 30,
  objectives: { writeP99Ms: 1_500, failedRequests: 0, lostWrites: 0, onePrimary: true, samePrimary: true },
})
