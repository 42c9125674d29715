// Goal: apps that live are asked, whatever their health checks say yet, when nobody else is left.
//
//   clients ─► router ─┬─✕ refused ─► east: two apps          0 to 20 s
//                      └────────────► west: two apps ✕ ▶ ✕    21 to 41 s, 1.5 times the load
//
// The story: on 20 October 2025 two programs that keep the addresses of DynamoDB's regional name overtook each other, and
// the name was left without any. The databases were well; nobody could find them. What hung on that name went on failing
// when it was back: load balancers took targets out and in again, because their health checks came before the network of
// new machines did, and with each turn capacity was gone that was there.
//
// Method: every connection to the east is refused for 20 s, as it is with a name that leads nowhere. A second later both
// apps of the west crash and come back, again and again, and clients ask half as much again. The apps of the east live by
// then, but their checks have not been good for long enough: routers use an app again 6 to 15 s after the heal. As built
// they ask every app that lives when none is ready. Without that they have nobody to ask.
import { fault, link, nodes, scenario, surge } from '../define.ts'
import type { Incident } from './incident.ts'

export const aws2025: Incident = {
  scenario: scenario({
    name: 'aws-2025',
    title: 'One region refuses all clients for 20 s, and then the apps of the other crash over and over for as long',
    tags: ['incident', 'app'],
    load: { surges: [surge({ at: 21, lasting: 20, times: 1.5 })] },
    faults: [
      fault('refuse', link('edge', 'east'), { lasting: 20 }),
      fault('crash-loop', nodes('app-west-a', 'app-west-b'), { at: 21, lasting: 20, upMs: 3_000, downMs: 2_000 }),
    ],
    observe: 62,
    objectives: { samePrimary: true, recoverAfterHealMs: 10_000, readGapMs: 3_000, lostWrites: 0, onePrimary: true },
  }),
  happened: 'AWS, 2025-10-20',
  damage: 'one region of AWS was impaired for 14 h 32 min, and a large part of the internet with it',
  timeline: [
    {
      at: '06:48',
      what: 'the regional name of DynamoDB loses all of its addresses, and the automation cannot repair it',
    },
    { at: '09:25', what: 'the name is repaired by hand; what manages virtual machines lost track of them meanwhile' },
    { at: '12:30', what: 'health checks of load balancers fail on new machines, and take targets out and in again' },
    { at: '16:36', what: 'failover by these health checks is switched off' },
    { at: '21:20', what: 'everything is back' },
  ],
  sources: [
    'AWS: Summary of the Amazon DynamoDB Service Disruption in the Northern Virginia (US-EAST-1) Region (October 2025)',
  ],
  worse: {
    file: 'regions/incidents/no-panic-mode.yml',
    what: 'routers ask only apps whose health checks have been good for a while, even when there are none',
    breaks: ['readGapMs'],
  },
}
