// Goal: a primary's region that hears everyone and is heard by no one is replaced, and acknowledges nothing that others
// do not have.
//
//   east (primary) ─✕══════►  all others
//   east (primary) ◄══════════ all others
//
// Method: bytes that leave the region are swallowed for 35 s; those that come arrive.
import { fault, region, scenario } from '../define.ts'

export const oneWayOut = scenario({
  name: 'one-way-out',
  title: "The primary's region hears everyone and is heard by nobody for 35 s",
  tags: ['core', 'partition', 'one-way'],
  faults: [fault('one-way', region('primary'), { lasting: 35, direction: 'out' })],
  observe: 55,
  objectives: { recoverWithinMs: 10_000, failedRequests: 0, lostWrites: 0, onePrimary: true },
})
