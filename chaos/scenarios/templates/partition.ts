// Goal: while the regions cannot reach each other, never two databases accept writes, and no acknowledged write is
// lost.
//
//   clients ─► router ─┬─► east (primary) ─✕══ link ══✕─┬─ west
//                      │          └───── witness ───────┘  │
//                      └───────────────────────────────────┘
//
// Method: 40 requests/s in an open model. Packets on the link between the regions are dropped, both ways, for 20 s.
// Both regions still reach the clients and the witness: the outage in which two primaries are easiest to get.
import { fault, link, scenario } from '../define.ts'

export default scenario({
  name: 'partition',
  title: 'The regions cannot reach each other for 20 s, while both reach clients and witness',
  tags: ['partition'],
  // Two sites that share a link; primary and other mean the regions, whichever they are.
  faults: [fault('blackhole', link('primary', 'other'), { lasting: 20 })],
  observe: 50,
  // Quorum commit cannot acknowledge a write that the other region does not have: writes wait until the link is back.
  objectives: { recoverWithinMs: 40_000, lostWrites: 0, onePrimary: true },
})
