// Goal: without a majority of the DCS writes may stop, but none that was acknowledged is lost, and no other database
// becomes primary.
//
//   etcd-east   etcd-west ✕   etcd-witness ✕
//
// Method: two of three members die and come back 28 s later. No lease can be renewed, so the primary has to step down.
import { fault, nodes, scenario } from '../define.ts'

export const dcsMajorityLoss = scenario({
  name: 'dcs-majority-loss',
  title: 'Two of the three DCS members die and come back 28 s later',
  tags: ['core', 'dcs'],
  faults: [fault('kill', nodes('etcd-west', 'etcd-witness'), { lasting: 28 })],
  observe: 58,
  objectives: { recoverWithinMs: 55_000, lostWrites: 0, onePrimary: true },
})
