// Goal: a region that others lose for 43 s, while it goes on serving clients, acknowledges nothing that will be gone.
//
//   clients ─► router ─► east (primary)  ─✕══ link ══✕─  west
//                               ╲✕                       ╱
//                                ╲────── witness ───────╱
//
// The story: on 21 October 2018 a connection of 43 s was lost between GitHub's network hub and its data centre on the US
// East Coast. Applications there went on writing to the primary beside them. Orchestrator, with a majority elsewhere,
// promoted a replica on the West Coast. Both sides then held writes that the other had not.
//
// Method: the primary's region is cut off from the other region and the witness for those 43 s, and clients still reach
// it. Then the link is 35 ms slower each way, as it was for applications whose database was now across the country. As
// built nothing is acknowledged that no second node has, so a take-over loses nothing; and it is the only one, since
// nobody moves the primary back. With asynchronous replication the old primary acknowledges until its lease ends.
import { fault, link, scenario } from '../define.ts'
import type { Incident } from './incident.ts'

export const github2018: Incident = {
  scenario: scenario({
    name: 'github-2018',
    title: 'The primary cannot reach anybody but its clients for 43 s, and another one is promoted meanwhile',
    tags: ['incident', 'partition'],
    faults: [
      fault('blackhole', link('primary', 'other'), { lasting: 43 }),
      fault('blackhole', link('primary', 'witness'), { lasting: 43 }),
      fault('slow', link('east', 'west'), { at: 46, lasting: 17, latencyMs: 35 }),
    ],
    observe: 80,
    objectives: { recoverWithinMs: 10_000, lostWrites: 0, onePrimary: true, takeOvers: 1 },
  }),
  happened: 'GitHub, 2018-10-21',
  damage: 'degraded for 24 h 11 min; 954 writes of the busiest cluster were on one side only',
  timeline: [
    { at: '22:52', what: 'routine maintenance cuts the US East Coast hub from its data centre, for 43 s' },
    { at: '22:52', what: 'Orchestrator has a majority without it, and promotes replicas on the US West Coast' },
    { at: '22:54', what: 'first alerts; the connection is back, and each coast has writes that the other has not' },
    { at: '23:19', what: 'jobs that write are stopped, to keep what there is' },
    { at: '16:24', what: 'the East Coast is primary again; backlogs take until 23:03' },
  ],
  sources: ['GitHub: October 21 post-incident analysis (30 October 2018)'],
  worse: {
    file: 'regions/incidents/asynchronous.yml',
    what: 'replication is asynchronous',
    breaks: ['lostWrites'],
  },
}
