// Goal: that of region-blackhole, in half its time: for every push.
//
// Method: packets flow again after 14 s. A take-over takes two. Whoever waited for longer than the 10 s that are promised
// would be served when the region is back, too late. The routers use its apps again 6 to 15 s after the heal
// (docs/decisions.md, "A replica that returns").
import { fault, region, scenario } from '../define.ts'
import { regionBlackhole } from './region-blackhole.ts'

export const regionBlackholeBrief = scenario({
  name: 'region-blackhole-brief',
  title: 'The region that holds the primary is cut off from every other site for 14 s',
  tags: ['smoke', 'region', 'partition'],
  faults: [fault('blackhole', region('primary'), { lasting: 14 })],
  observe: 32,
  objectives: regionBlackhole.objectives,
})
