// Goal: apps that all come back at the same moment do not keep each other down.
//
//   clients ─► router ─► four apps ✕ 20 s, then ▶▶▶▶ at once ═ policies ═► database (20 a second)
//
// The story: on 12 June 2025 a policy with empty fields was stored in the database of Google Cloud's Service Control, which
// checks every request to Google's APIs. Within seconds each region had it, and the checking servers crashed on it, over and
// over. A switch for the code in question was there after 40 minutes. Most regions were well then. In the largest one all
// servers started together, and asked the database of policies together; without a random pause between attempts they kept
// it overloaded, and each other down, for two more hours, until fewer were let start at a time.
//
// Method: all four apps are dead for 20 s and start together; clients ask twice as often in the 10 s after that, as those do
// that were let wait. As built an app needs nothing to begin with but its connections, and clients are served again within
// 5 s. In the other world it reads policies first, all of them in time or all of them anew: one app alone would manage, four
// never do, and nobody is served any more though nothing is broken.
import { fault, nodes, scenario, surge } from '../define.ts'
import type { Incident } from './incident.ts'

export const google2025: Incident = {
  scenario: scenario({
    name: 'google-2025',
    title: 'All apps of both regions are gone for 20 s, start together, and meet twice the load',
    tags: ['incident', 'app'],
    load: { surges: [surge({ at: 20, lasting: 10, times: 2 })] },
    faults: [fault('kill', nodes('app-east-a', 'app-east-b', 'app-west-a', 'app-west-b'), { lasting: 20 })],
    observe: 50,
    objectives: { samePrimary: true, recoverAfterHealMs: 5_000, lostWrites: 0, onePrimary: true },
  }),
  happened: 'Google Cloud, 2025-06-12',
  damage: 'Google Cloud and what is built on it failed all over the world, for up to 7.5 hours',
  timeline: [
    { at: '10:45', what: 'a policy with empty fields is stored; it is in every region within seconds' },
    { at: '10:45', what: 'servers that check requests crash on it over and over, in all regions' },
    { at: '10:55', what: 'the cause is found; a switch for that code exists, and is made ready' },
    { at: '11:25', what: 'the switch is thrown everywhere, and smaller regions are back' },
    { at: 'then', what: 'in larger regions all servers start together, and overload the database of policies' },
    { at: '13:25', what: 'fewer are let start at a time, and the last region is back' },
    { at: 'evening', what: 'the last products have worked off what was left lying' },
  ],
  sources: ['Google Cloud: Service Health, Multiple GCP products are experiencing Service issues (12 June 2025)'],
  worse: {
    file: 'regions/incidents/stampede.yml',
    what: 'apps read policies before they answer, and begin again where that took too long',
    breaks: ['recoverAfterHealMs'],
  },
}
