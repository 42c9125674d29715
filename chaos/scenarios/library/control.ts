// Goal: with no fault at all nothing is interrupted, and no instrument says otherwise.
//
// Method: 40 requests/s for 10 s. Whatever fails here is the testbed's own doing.
import { fault, nothing, scenario } from '../define.ts'

export const control = scenario({
  name: 'control',
  title: 'Nothing is broken, and nothing may be interrupted',
  tags: ['smoke', 'core', 'control'],
  faults: [fault('none', nothing, { lasting: 5 })],
  observe: 12,
  objectives: { failedRequests: 0, lostWrites: 0, onePrimary: true },
})
