// Goal: that of region-kill, in half its time: for every push.
//
// Method: the region comes back after 14 s. A take-over takes two. Whoever waited for longer than the 10 s that are promised
// would be served when the region is back, too late. What an outage of 40 s shows besides, such as what the lease of
// 20 s does, is left to region-kill.
import { fault, region, scenario } from '../define.ts'
import { regionKill } from './region-kill.ts'

export const regionKillBrief = scenario({
  name: 'region-kill-brief',
  title: 'The region that holds the primary loses power and comes back 14 s later',
  tags: ['smoke', 'region'],
  faults: [fault('kill', region('primary'), { lasting: 14 })],
  observe: 32,
  objectives: regionKill.objectives,
})
