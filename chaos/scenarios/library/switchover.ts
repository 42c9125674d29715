// Goal: a planned change of primary costs writes a few seconds, and none that was acknowledged.
//
//   pg-east-a (primary) ──► standby
//   pg-west-b (standby) ──► primary
//
// Method: Patroni is asked to move the primary to the other region.
import { fault, node, scenario } from '../define.ts'

export const switchover = scenario({
  name: 'switchover',
  title: 'The primary is moved to the other region, as planned',
  tags: ['smoke', 'core', 'planned'],
  faults: [fault('switchover', node('primary'), { lasting: 6, to: 'other' })],
  observe: 14,
  objectives: { recoverWithinMs: 5_000, failedRequests: 0, slowestRequestMs: 4_000, lostWrites: 0, onePrimary: true },
})
