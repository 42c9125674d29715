// Goal: a primary's region that everyone hears and that hears no one is replaced, and acknowledges nothing that others
// do not have.
//
//   east (primary) ══════════► all others
//   east (primary) ◄══════✕─── all others
//
// Method: bytes that come to the region are swallowed for 35 s; those that leave it arrive.
import { fault, region, scenario } from '../define.ts'

export const oneWayIn = scenario({
  name: 'one-way-in',
  title: "The primary's region is heard by everyone and hears nobody for 35 s",
  tags: ['core', 'partition', 'one-way'],
  faults: [fault('one-way', region('primary'), { lasting: 35, direction: 'in' })],
  observe: 55,
  objectives: { recoverWithinMs: 10_000, failedRequests: 0, lostWrites: 0, onePrimary: true },
})
