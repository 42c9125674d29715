// Goal: that of region-blackhole, in half its time: for every push.
//
// Method: packets flow again after 14 s. A take-over takes two. Whoever waited for longer than the 10 s that are promised
// would be served when the region is back, too late. Its apps are ready some 5 s after the heal, and the routers use them
// after 40 good checks, which takes another 4 to 10 s.
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
