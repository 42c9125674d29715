// Goal: a whole region is taken out of service, as planned, and comes back, and no client notices more than a slow
// write.
//
//   east: primary ──► standby, then ▼ everything                       ▲ everything
//   west: standby ──► primary, and everybody's
//
// Method: the primary is moved to the other region. 5 s after that was asked for, every node of the region is stopped by
// SIGTERM: the apps first, then the databases, then the others. 25 s later they are started again.
import { fault, node, region, scenario } from '../define.ts'

export const evacuation = scenario({
  name: 'evacuation',
  title: 'The region that holds the primary is evacuated, as planned, and returns',
  tags: ['core', 'region', 'planned'],
  faults: [
    fault('switchover', node('primary'), { at: 0, lasting: 4, to: 'other' }),
    fault('drain', region('primary'), { at: 5, lasting: 25 }),
  ],
  observe: 60,
  objectives: { failedRequests: 0, slowestRequestMs: 4_000, lostWrites: 0, onePrimary: true },
})
