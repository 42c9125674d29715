// Goal: the loss of the witness is no outage: no take-over, no failed request.
//
//   east (primary) ══ link ══ west
//               ╲             ╱
//                  ✕ witness
//
// Method: the witness is cut off from both regions for 28 s, longer than a lease. It holds the DCS leader, so the DCS
// must elect another one, in time for the primary to renew its lease.
import { fault, scenario, site } from '../define.ts'

export const witnessLoss = scenario({
  name: 'witness-loss',
  title: 'The witness is cut off from both regions for 28 s, and nothing may happen',
  tags: ['core', 'witness'],
  faults: [fault('blackhole', site('witness'), { lasting: 28 })],
  observe: 38,
  objectives: { failedRequests: 0, lostWrites: 0, onePrimary: true, samePrimary: true },
})
