// Goal: a switch that is half alive costs nobody the primary: who has lost sight of it asks others before it acts.
//
//   east (primary) ══ link ══ west
//               ✕             ╱
//                  ── witness ──
//
// The story: on 2 November 2020 a switch at Cloudflare forwarded some traffic and dropped the rest, for six minutes. A
// member of etcd could reach one other member, and not the leader, so the cluster elected over and over. A database's
// manager took its primary for lost and promoted a replica; the others then had to be built anew, and the control plane
// could not carry its load until they were.
//
// Method: the primary's region hears nothing from the witness, where the arbiter and the DCS's leader stand, for longer
// than its lease; the other region reaches both. Later a standby loses its disk and must be built anew, as theirs had to be.
// As built the arbiter asks the other region, and the primary stays; and a member of etcd asks the others, and holds no
// election. Worse, neither asks: the primary is replaced for nothing; and the member stands again and again. The others
// hear their leader and ignore it, until it is heard again itself: then its higher term takes the leader down.
import { fault, oneStandby, region, scenario } from '../define.ts'
import type { Incident } from './incident.ts'

export const cloudflare2020: Incident = {
  scenario: scenario({
    name: 'cloudflare-2020',
    title: 'A half-dead switch hides the primary from the witness alone for 40 s, and then a standby loses its disk',
    tags: ['incident', 'partition'],
    faults: [
      fault('partial', region('primary'), { lasting: 40, from: ['witness'] }),
      fault('disk-loss', oneStandby, { at: 45, lasting: 10 }),
    ],
    observe: 75,
    objectives: { recoverWithinMs: 10_000, lostWrites: 0, onePrimary: true, samePrimary: true, dcsElections: 0 },
  }),
  happened: 'Cloudflare, 2020-11-02',
  damage: 'the control plane was impaired for 6 h 33 min',
  timeline: [
    { at: '14:43', what: 'a switch begins to drop a part of the traffic through it' },
    { at: '14:44', what: 'etcd has no stable leader: one member hears a second, and not the third' },
    { at: '14:45', what: 'the manager of a database cluster promotes a replica; the other replicas must be rebuilt' },
    { at: '+6 min', what: 'the switch recovers by itself' },
    { at: '21:20', what: 'the replicas are there again, and so is the control plane' },
  ],
  sources: ['Cloudflare: A Byzantine failure in the real world (27 November 2020)'],
  worse: {
    file: 'regions/incidents/half-blind.yml',
    what: 'etcd has no pre-vote, and the arbiter believes its own site alone',
    breaks: ['samePrimary', 'dcsElections'],
  },
}
