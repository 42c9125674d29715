// Goal: the system survives losing one region, then the other: it fails over, heals, and fails back.
//
//   east (primary) ✕ ………… ▶ …… primary
//   west           … primary …… ✕ ………… ▶
//
// Method: the primary's region loses power and comes back; as soon as the database can be redundant again, the region
// that took over loses power too. Roles are looked up when the second fault is due.
import { fault, region, scenario } from '../define.ts'

export const backToBack = scenario({
  name: 'back-to-back',
  title: 'The region that holds the primary loses power; after its return, so does the one that took over',
  tags: ['region', 'double'],
  faults: [
    fault('kill', region('primary'), { lasting: 32 }),
    fault('kill', region('primary'), { at: 65, lasting: 32, resolve: 'due' }),
  ],
  observe: 120,
  objectives: { recoverWithinMs: 100_000, lostWrites: 0, onePrimary: true },
})
