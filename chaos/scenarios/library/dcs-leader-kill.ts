// Goal: the loss of the DCS leader is no outage.
//
//   etcd-east   etcd-west   etcd-witness (leader) ✕
//
// Method: SIGKILL to the member that leads; it comes back 15 s later.
import { dcsLeader, fault, scenario } from '../define.ts'

export const dcsLeaderKill = scenario({
  name: 'dcs-leader-kill',
  title: 'The leader of the DCS dies and comes back 15 s later',
  tags: ['core', 'dcs'],
  faults: [fault('kill', dcsLeader, { lasting: 15 })],
  observe: 28,
  objectives: { failedRequests: 0, lostWrites: 0, onePrimary: true, samePrimary: true },
})
