// Goal: a region that stands still is replaced, and when it goes on where it was, it accepts no write as the primary
// that it was.
//
//   clients ─► router ─► east (primary) ❚❚  ══ link ══   west
//
// Method: the freezer stops every process of the region. Its kernel still accepts connections, so clients wait where a
// dead region would have refused; 40 s later everyone there wakes up and believes that no time has passed.
import { fault, region, scenario } from '../define.ts'

export const regionPause = scenario({
  name: 'region-pause',
  title: 'The region that holds the primary freezes for 40 s and goes on where it was',
  tags: ['core', 'region', 'freeze'],
  faults: [fault('pause', region('primary'), { lasting: 40 })],
  observe: 60,
  objectives: { recoverWithinMs: 10_000, failedRequests: 0, slowestRequestMs: 4_000, lostWrites: 0, onePrimary: true },
})
