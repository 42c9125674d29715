// Goal: the loss of one zone after the other, neighbours first, costs no acknowledged write, and reads go on.
//
//   clients ─► router ─► east/a: app, pg (primary) ✕ at 0      west/a: app, pg  ✕ at 45 s
//                        east/b: app, pg           ✕ at 15 s   west/b: app, pg
//
// The story: on 1 March 2026 objects struck a data centre of AWS in the United Arab Emirates. A fire broke out, and the
// power of its zone was shut off. Five hours later a second of the region's three zones lost power, too; what is built to
// survive one zone did not survive two. The next day a zone of the neighbouring region, Bahrain, was lost as well.
//
// Method: the primary's zone loses power, and 15 s later the one beside it; neither comes back before 70 s. At 45 s a zone of
// the other region is lost for 20 s. As built a write is on two other nodes before it is acknowledged, so one of them is
// in the other region, which goes on. Where synchronous standbys are only inside the region nobody else may take over, as
// nobody else is known to have all that was acknowledged: writes stop until the region is there again.
import { fault, scenario, zone } from '../define.ts'
import type { Incident } from './incident.ts'

export const aws2026: Incident = {
  scenario: scenario({
    name: 'aws-2026',
    title: "Both zones of the primary's region lose power, one after the other, and then one of the other region",
    tags: ['incident', 'zone'],
    faults: [
      fault('kill', zone('primary'), { lasting: 70 }),
      fault('kill', zone('neighbour'), { at: 15, lasting: 55 }),
      fault('kill', zone('other'), { at: 45, lasting: 20 }),
    ],
    observe: 100,
    objectives: { writeGapMs: 30_000, readGapMs: 5_000, lostWrites: 0, onePrimary: true },
  }),
  happened: 'AWS, 2026-03-01',
  damage: '109 services of the region were affected, some of them for weeks',
  timeline: [
    { at: '12:30', what: 'a zone in the United Arab Emirates is struck and burns; its power is shut off' },
    { at: '17:46', what: 'a second zone of the region loses power; storage that survives one zone begins to fail' },
    { at: '+1 day', what: 'a zone of the region in Bahrain loses power' },
    { at: '+2 days', what: 'the cause is confirmed; AWS advises its customers to move to other regions' },
  ],
  sources: ['AWS Health Dashboard: Middle East (UAE) and Middle East (Bahrain), 1 to 3 March 2026'],
  worse: {
    file: 'regions/incidents/one-region-synchronous.yml',
    what: "only standbys of the primary's region are synchronous",
    breaks: ['writeGapMs'],
  },
}
