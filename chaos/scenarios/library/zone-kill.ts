// Goal: the loss of the primary's zone costs what the loss of the primary costs: the region's other zone and the other
// region go on.
//
//   clients ─► router ─► east/a: app, pg (primary) ✕      west/a: app, pg
//                        east/b: app, pg                  west/b: app, pg
//
// Method: every process of the zone dies at once and comes back 35 s later.
import { fault, scenario, zone } from '../define.ts'

export const zoneKill = scenario({
  name: 'zone-kill',
  title: 'The zone that holds the primary loses power for 35 s',
  tags: ['core', 'zone'],
  faults: [fault('kill', zone('primary'), { lasting: 35 })],
  observe: 55,
  objectives: { recoverWithinMs: 10_000, failedRequests: 0, slowestRequestMs: 4_000, lostWrites: 0, onePrimary: true },
})
