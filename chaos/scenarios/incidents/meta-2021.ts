// Goal: while no site hears another one, what can still be answered is answered, and nobody has to be let in again by hand.
//
//   clients ─► router ─┬► east (primary)  ─✕══ link ══✕─  west
//                      └───────────────────────────────────┘╱
//                               ✕── witness ──✕
//
// The story: on 4 October 2021 a command meant to measure the capacity of Facebook's backbone took down all of its links.
// The DNS servers at the edge were up, and could not reach the data centres; so their health check had them withdraw
// their routes. Everything was unreachable then, the tools to repair it included. People had to go there.
//
// Method: every link between the regions and the witness is silent for 25 s, while clients reach both regions. No site has
// a majority, so no write can be acknowledged, and none is; reads are answered by each region's own copies. With apps
// whose readiness needs the primary, and routers that send nothing to an app that is not ready, the pool empties: the
// outage is everybody's, though half of what clients ask for is there.
import { fault, link, scenario } from '../define.ts'
import type { Incident } from './incident.ts'

export const meta2021: Incident = {
  scenario: scenario({
    name: 'meta-2021',
    title: 'Every link between the sites is gone for 25 s, while clients reach both regions',
    tags: ['incident', 'partition'],
    faults: [
      fault('blackhole', link('east', 'west'), { lasting: 25 }),
      fault('blackhole', link('east', 'witness'), { lasting: 25 }),
      fault('blackhole', link('west', 'witness'), { lasting: 25 }),
    ],
    observe: 55,
    objectives: { recoverAfterHealMs: 10_000, failedReads: 0, takeOvers: 0, lostWrites: 0, onePrimary: true },
  }),
  happened: 'Meta, 2021-10-04',
  damage: 'Facebook, Instagram and WhatsApp were unreachable for some six hours',
  timeline: [
    {
      at: '15:39',
      what: 'a command for maintenance takes down every link of the backbone; the tool that audits such commands has a bug',
    },
    { at: '15:39', what: 'DNS servers at the edge cannot reach the data centres, and withdraw their routes' },
    {
      at: 'later',
      what: 'neither the internal network nor its tools can be reached; engineers are sent to the data centres',
    },
    { at: '+6 h', what: 'the backbone is back, and load is let in step by step' },
  ],
  sources: ['Meta: More details about the October 4 outage (5 October 2021)'],
  worse: {
    file: 'regions/incidents/primary-or-nothing.yml',
    what: 'an app is ready, and reads, only where it reaches the primary; routers send nothing to apps that are not ready',
    breaks: ['failedReads'],
  },
}
