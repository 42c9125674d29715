/**
 * Descriptions of each part of a scenario file, which editors show. A test checks that each key of the schema has one.
 */
import type { Target } from './schema.ts'

export const scopeDescriptions: Record<Target['scope'], string> = {
  region: 'A region: all its nodes, or all its links',
  site: 'Any site by name: a region, the witness, the edge',
  zone: 'All nodes of a zone',
  node: 'One node',
  nodes: 'Several nodes',
  all: 'All nodes of a role, in the world or in one region',
  standbys: 'Database nodes that are not the primary',
  dcsLeader: 'The DCS member that leads',
  router: 'A global router',
  link: 'The link between two sites',
  nothing: 'Nothing; for the control',
}

/** Where in a scenario → what it means. `[]` is an item of a list; `with` is chosen by kind, and `target` by scope. */
export const descriptions: Record<string, string> = {
  name: 'Kebab-case name, e.g. region-loss; runs are filed under it. At most 64 characters',
  title: 'The story in one sentence',
  tags: 'Tags to choose scenarios by; "smoke", "core" and "full" put it into the suites of these names',
  load: 'What the clients do',
  'load.ratePerSecond':
    'Requests a second, on a fixed schedule (open model): a whole number, as k6 takes it, of at most 10,000. Times the length of the load at most 5,000,000',
  'load.writeShare': 'Share of the requests that write, 0 to 1',
  'load.timeoutMs': 'A client gives up on a request after this long, in milliseconds; at most ten minutes',
  'load.maxVirtualUsers':
    'Virtual users at most; an arrival that finds none free is dropped, and the trial inconclusive. k6 makes them all beforehand: at most 100,000',
  'load.surges': 'More requests for a while, one surge after the other; at most 20',
  'load.surges[].atMs':
    'Offset from the first fault, in milliseconds, kept to within 0.5 s; before the load ends (observeMs)',
  'load.surges[].forMs': 'How long it lasts, in milliseconds; at least 100',
  'load.surges[].times':
    'How many times as many requests a second: more than 1, at most 100; with as many times as many virtual users',
  steadyMs: 'Steady load before the first fault, in milliseconds; at most a day',
  faults: 'What is broken, when, and for how long',
  'faults[].target': 'The target of the fault',
  'faults[].atMs': 'Offset from the first fault, in milliseconds; at most a day, and before the load ends (observeMs)',
  'faults[].forMs': 'Time from injection to heal, in milliseconds; at most a day',
  'faults[].resolve':
    'Whether roles such as "primary" mean those of the trial\'s start, or those of the moment when the fault is due',
  'faults[].with': 'Options of this kind of fault',
  observeMs: 'Load and observation go on for this long after the first fault, in milliseconds; at most a day',
  objectives: 'What must hold. Without objectives the verdict is inconclusive, never met',
  'objectives.recoverWithinMs':
    'RTO: clients are served again within this many milliseconds of the first fault, which observeMs must leave time for',
  'objectives.recoverAfterHealMs':
    'Clients are served again within this many milliseconds after the last fault begins to heal; before that they may fail',
  'objectives.lostWrites': 'RPO in writes: acknowledged writes that may be lost',
  'objectives.onePrimary': 'Never two databases accepting writes in the same instant',
  'objectives.failedRequests': "Requests that may fail, from the first fault to the trial's end",
  'objectives.failedReads': "Reads that may fail, from the first fault to the trial's end; writes may stop",
  'objectives.slowestRequestMs': 'Slowest successful request, in milliseconds from its scheduled time',
  'objectives.writeP99Ms':
    '99 of 100 writes from the first fault on succeed within this many milliseconds of their scheduled time',
  'objectives.writeGapMs': 'The longest that no write may be acknowledged, in milliseconds',
  'objectives.readGapMs': 'The longest that no read may be answered, in milliseconds',
  'objectives.stalledMs':
    'Time in which some client may have waited for longer than window.stalledOverMs, in milliseconds',
  'objectives.samePrimary': 'No other database may take over: what the fault takes away is not worth a failover',
  'objectives.takeOvers': 'How often another database may take over from the one before',
  'objectives.dcsElections': "How often the DCS may elect a leader, from the first fault to the trial's end",
  'objectives.staleReadMs':
    'No read answers what was out of date for longer than this when it began, in milliseconds; 0: no read is stale',
  'objectives.monotonicReads': 'No client sees an account go back to an older version',
  'objectives.window': 'What "recovered" asks of a window of 5 s',
  'objectives.window.successShare': 'Share of requests that succeed, 0 to 1',
  'objectives.window.p99Ms': '99th percentile of the latency from the scheduled time, in milliseconds',
  'objectives.window.stalledOverMs': 'A client that waits for longer than this, in milliseconds, is stalled',
  'target region.name': '"primary" (where the primary database stands), "other", or a region\'s name',
  'target site.name': 'A site\'s name, e.g. "witness"',
  'target zone.name':
    '"primary", "neighbour" (the first other one of its region), "other" (the first of the other region), or a zone, e.g. "east/a"',
  'target node.name': '"primary" or a Compose service name, e.g. "pg-east-a"',
  'target nodes.names': 'Compose service names',
  'target all.role': 'The role that its nodes have',
  'target all.region': '"primary", "other", or a region\'s name; without it, all of the world',
  'target standbys.which': 'All of them, or one in the other region',
  'target router.name': '"active" (the one that clients enter by) or a Compose service name',
  'target link.sites':
    'Two sites, in the order that matters to a one-way fault; "primary" and "other" mean the regions',
}
