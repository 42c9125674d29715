// Goal: a region that dies in the middle of a planned change of primary costs no acknowledged write.
//
//   pg-east-a (primary) ──► …   ✕ east
//   pg-west-b (standby) ──► …
//
// Method: half a second after Patroni was asked to move the primary to the other region, the region that held it loses
// power. Which node is primary at that moment is not known beforehand; there must never be two.
import { fault, node, region, scenario } from '../define.ts'

export const switchoverRegionKill = scenario({
  name: 'switchover-region-kill',
  title: 'The region that holds the primary loses power half a second into a planned change of primary',
  tags: ['core', 'region', 'double'],
  faults: [
    fault('switchover', node('primary'), { lasting: 40, to: 'other' }),
    fault('kill', region('primary'), { at: 0.5, lasting: 40 }),
  ],
  observe: 62,
  objectives: { recoverWithinMs: 45_000, lostWrites: 0, onePrimary: true },
})
