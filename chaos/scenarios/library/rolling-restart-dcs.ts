// Goal: a rolling restart of the DCS and of what watches it is no outage, and no reason to move the primary.
//
//   etcd-east ▼▲   etcd-west ▼▲   etcd-witness ▼▲   lookouts ▼▲   arbiter ▼▲
//
// Method: SIGTERM to one member after the other, the leader last, then to the lookouts and the arbiter.
import { rolling, scenario } from '../define.ts'

export const rollingRestartDcs = scenario({
  name: 'rolling-restart-dcs',
  title: 'Every DCS member, the lookouts and the arbiter are restarted, one after the other, under load',
  tags: ['core', 'dcs', 'planned'],
  faults: rolling(['etcd-east', 'etcd-west', 'etcd-witness', 'lookout-east', 'lookout-west', 'arbiter'], {
    every: 12,
    lasting: 4,
  }),
  observe: 76,
  objectives: { failedRequests: 0, lostWrites: 0, onePrimary: true, samePrimary: true },
})
