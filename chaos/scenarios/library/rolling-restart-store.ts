// Goal: a rolling restart of the store and its sentinels costs no client a request.
//
//   redis-west ▼▲   redis-east ▼▲   sentinels ▼▲
//
// Method: SIGTERM to one node after the other. No node hands over first: sentinels replace a primary that is gone, and
// a cache can be missed meanwhile.
import { rolling, scenario } from '../define.ts'

export const rollingRestartStore = scenario({
  name: 'rolling-restart-store',
  title: 'Every node of the store is restarted, one after the other, under load',
  tags: ['core', 'store', 'planned'],
  faults: rolling(['redis-west', 'redis-east', 'sentinel-east', 'sentinel-west', 'sentinel-witness'], {
    every: 12,
    lasting: 4,
  }),
  observe: 66,
  objectives: { failedRequests: 0, lostWrites: 0, onePrimary: true, samePrimary: true },
})
