// Goal: a rolling restart of every router, at the edge and in the regions, costs no client a request.
//
//   clients ─► router-1 ▼▲   router-2 ▼▲      each gives the shared address away first
//   app ─► haproxy-east ▼▲   haproxy-west ▼▲  the region's replicas are out meanwhile
//
// Method: one router after the other is asked to end (a region's by SIGUSR1, HAProxy's own signal for that). It
// finishes what it has begun; 4 s later it is started again.
import { rolling, scenario } from '../define.ts'

export const rollingRestartRouters = scenario({
  name: 'rolling-restart-routers',
  title: 'Every router is restarted, one after the other, under load',
  tags: ['core', 'router', 'planned'],
  faults: rolling(['router-1', 'router-2', 'haproxy-east', 'haproxy-west'], { every: 14, lasting: 4 }),
  observe: 60,
  objectives: { failedRequests: 0, lostWrites: 0, onePrimary: true, samePrimary: true },
})
