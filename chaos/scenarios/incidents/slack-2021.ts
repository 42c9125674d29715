// Goal: a network that loses packets at the hour's peak makes requests slow, and does not take the service from everybody.
//
//   clients ─► router ═ ~3 %, ~15 % ═► east (primary) ═ ~3 %, ~15 % ═ west
//
// The story: on 4 January 2021, the first working day of the year, the gateways between Slack's networks at AWS did not
// grow with the morning's load, and lost packets. Web servers waited for what they had asked behind those gateways, and
// had little to do: first some were taken away, then 1,200 were ordered at once, and the service that prepares them broke
// down over it. When most web servers failed their health checks, the load balancers went into "panic mode": they asked
// all of them, healthy or not. With retries and circuit breaking, that is what kept some requests served.
//
// Method: 3 % of all packets between the sites are lost for 14 s, then 15 % for 35 s. At the beginning of that, the load
// is twice as high for 10 s, and one app of each region is gone for 17 s. As built, the routers ask every app that lives
// where hardly any is ready. Without that nobody is served while 15 % are lost: a health check that waits for a packet to
// be sent again is a failed one.
import { fault, link, nodes, scenario, site, surge } from '../define.ts'
import type { Incident } from './incident.ts'

const between = link('east', 'west')
const toTheEdge = site('edge')

export const slack2021: Incident = {
  scenario: scenario({
    name: 'slack-2021',
    title: 'The network between the sites loses packets at the peak of the load, and half of the apps are taken away',
    tags: ['incident', 'network'],
    load: { surges: [surge({ at: 15, lasting: 10, times: 2 })] },
    faults: [
      fault('loss', between, { lasting: 14, share: 0.03 }),
      fault('loss', toTheEdge, { lasting: 14, share: 0.03 }),
      fault('loss', between, { at: 15, lasting: 35, share: 0.15 }),
      fault('loss', toTheEdge, { at: 15, lasting: 35, share: 0.15 }),
      fault('kill', nodes('app-east-a', 'app-west-a'), { at: 18, lasting: 17 }),
    ],
    observe: 75,
    objectives: { samePrimary: true, recoverAfterHealMs: 10_000, readGapMs: 10_000, lostWrites: 0, onePrimary: true },
  }),
  happened: 'Slack, 2021-01-04',
  damage: 'errors for 4 h 40 min; for an hour of it nearly nobody could use it',
  timeline: [
    { at: '14:00', what: 'packets are lost between the networks of the cloud provider, at first few' },
    {
      at: '14:57',
      what: '99 of 100 messages are sent; web servers wait, use little processor time, and some are removed',
    },
    { at: '15:00', what: 'the peak of the morning; too few web servers pass their health checks' },
    {
      at: '15:01',
      what: '1,200 web servers are ordered within minutes, and the service that prepares them breaks down',
    },
    {
      at: '16:13',
      what: 'that service works again; load balancers ask servers that fail their checks as well, and most is served',
    },
    { at: '18:40', what: 'the provider has made its gateways larger, and errors are as rare as ever' },
  ],
  sources: ["Slack: Slack's Outage on January 4th 2021 (1 February 2021)"],
  worse: {
    file: 'regions/incidents/no-panic-mode.yml',
    what: 'routers have no panic mode: they ask only apps that are ready, also where hardly any is',
    breaks: ['readGapMs'],
  },
}
