// Goal: a coordination store that is slow, and not dead, costs clients nothing.
//
//   etcd-east ~     etcd-west ~     etcd-witness ~        each with a small share of a core
//
// The story: on 28 October 2021 the store that tells Roblox's services of each other, Consul, became slow. A new way to
// stream changes kept its servers busy with locks, and the free pages of its log's database were kept in a list that had
// become too long. It was up all the time, and elected leader after leader. Everything that asked it for an address, for
// a secret or whether it was healthy waited with it, the tools to look at it included.
//
// Method: every member of etcd gets a 50th of a core for 19 s, then a 100th for as long; when that is over, the one that
// leads stands still for 4 s. As built, databases wait 7 s for the DCS, and confirm their primary to each other where it
// does not answer. With 3 s, and without that, the primary gives up each time.
import { dcsLeader, fault, nodes, scenario } from '../define.ts'
import type { Incident } from './incident.ts'

const members = nodes('etcd-east', 'etcd-west', 'etcd-witness')

export const roblox2021: Incident = {
  scenario: scenario({
    name: 'roblox-2021',
    title: 'The DCS is slow for 40 s, and then its leader stands still for 4 s',
    tags: ['incident', 'dcs'],
    faults: [
      fault('cpu-starve', members, { lasting: 19, cores: 0.02 }),
      fault('cpu-starve', members, { at: 21, lasting: 19, cores: 0.01 }),
      fault('pause', dcsLeader, { at: 43, lasting: 4, resolve: 'due' }),
    ],
    observe: 70,
    objectives: { failedRequests: 0, samePrimary: true, lostWrites: 0, onePrimary: true },
  }),
  happened: 'Roblox, 2021-10-28',
  damage: 'Roblox was away for 73 hours',
  timeline: [
    {
      at: '0 h',
      what: 'secrets come late; one server of Consul, the store of all coordination, is short of processor time',
    },
    { at: '+3 h', what: 'half of the players are gone; soon the whole store answers too late, whoever leads it' },
    {
      at: '+1 day',
      what: 'new and larger machines for it, and all load taken away: it is slow again when load returns',
    },
    {
      at: '+2 days',
      what: 'a feature that streams changes, switched on weeks before, is switched off, and writes are quick',
    },
    { at: '+73 h', what: 'the last players are let in' },
  ],
  sources: ['Roblox: Roblox Return to Service 10/28-10/31 2021 (20 January 2022)'],
  worse: {
    file: 'regions/incidents/impatient.yml',
    what: 'databases wait 3 s for the DCS, the primary gives up without it, and no arbiter helps',
    breaks: ['failedRequests'],
  },
}
