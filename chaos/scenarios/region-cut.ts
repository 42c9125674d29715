// Goal: the other region serves writes again after the primary's region fell silent, and the cut-off primary acknowledges nothing
// that the survivors do not have.
//
//   clients ─►✕ router ✕─ east (primary) ─✕══ link ══✕─ west
//
// Method: 40 requests/s in an open model. Toxiproxy swallows every byte on every link of the region, in both directions, at a random
// point of one heartbeat, and lets them through again 40 s later. The cut-off primary lives on, alone: the dangerous kind of outage.
import { fault, region, scenario } from './define.ts'

export const regionCut = scenario({
  name: 'region-cut',
  title: 'The region that holds the primary is cut off from every other site for 40 s',
  tags: ['smoke', 'region', 'partition'],
  faults: [fault('hang', region('primary'), { lasting: 40 })],
  observe: 60,
  objectives: { recoverWithinMs: 30_000, lostWrites: 0, onePrimary: true },
})
