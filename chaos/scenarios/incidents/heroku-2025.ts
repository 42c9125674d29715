// Goal: hosts that lose their network one by one cost no acknowledged write, and the database changes its place once.
//
//   clients ─► router ─► east: app-b, pg-b ✕ 0 s   store ✕ 4 s   etcd ✕ 8 s   pg-a (primary) ✕ 12 s
//                        west: all goes on
//
// The story: on 10 June 2025 an update of the operating system that should have been switched off ran on Heroku's hosts.
// It restarted their network service, and a script that set routes only at boot did not set them again, so one host after
// the other lost its network. The tools to repair that, and the status page, stood on the same hosts.
//
// Method: in the primary's region the app and the database of one zone lose their network, then the store, then the
// region's members of the DCS, then the primary. All of it runs on and reaches nobody. When it is back, twice as many
// requests come for a while. As built, one of three members of the DCS stands in each of three places, so two still
// decide who is primary. Where two of them stand in that region, nobody can decide anything until the hosts are back.
import { all, fault, node, scenario, surge, zone } from '../define.ts'
import type { Incident } from './incident.ts'

export const heroku2025: Incident = {
  scenario: scenario({
    name: 'heroku-2025',
    title: "One host after the other loses its network in the primary's region, the primary last",
    tags: ['incident', 'node'],
    load: { surges: [surge({ at: 60, lasting: 8, times: 2 })] },
    faults: [
      fault('isolate', zone('neighbour'), { lasting: 40 }),
      fault('isolate', all('store', 'primary'), { at: 4, lasting: 40 }),
      fault('isolate', all('dcs', 'primary'), { at: 8, lasting: 40 }),
      fault('isolate', node('primary'), { at: 12, lasting: 40 }),
    ],
    observe: 85,
    objectives: { writeGapMs: 10_000, readGapMs: 5_000, takeOvers: 1, lostWrites: 0, onePrimary: true },
  }),
  happened: 'Heroku, 2025-06-10',
  damage: 'up to 12 hours of downtime for many customers; all services after some 24 hours',
  timeline: [
    { at: '06:00', what: 'an automatic update restarts the network of hosts; their routes are not set again' },
    { at: '+hours', what: 'the tools to repair it and the status page are on the same hosts, and fail with them' },
    { at: '+8 h', what: 'the update is found to be the cause' },
    { at: '+24 h', what: 'the hosts have been brought back, one by one, and all services with them' },
  ],
  sources: ['Heroku: Summary of Heroku June 10 Outage (15 June 2025)'],
  worse: {
    file: 'regions/incidents/two-voters-in-the-east.yml',
    what: "two of the DCS's three members stand in the primary's region",
    breaks: ['writeGapMs'],
  },
}
