// Goal: without a majority of the DCS no acknowledged write is lost, and no other database becomes primary. Writes may
// stop; in the reference stack they go on, because all databases confirm the primary to each other.
//
//   etcd-east   etcd-west ✕   etcd-witness ✕
//
// Method: two of three members die and come back 28 s later. No lease can be renewed meanwhile; it ends after 20 s.
import { fault, nodes, scenario } from '../define.ts'

export const dcsMajorityLoss = scenario({
  name: 'dcs-majority-loss',
  title: 'Two of the three DCS members die and come back 28 s later',
  tags: ['core', 'dcs'],
  faults: [fault('kill', nodes('etcd-west', 'etcd-witness'), { lasting: 28 })],
  observe: 58,
  objectives: { recoverWithinMs: 55_000, lostWrites: 0, onePrimary: true },
})
