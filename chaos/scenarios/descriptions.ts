/**
 * What editors say about each part of a scenario file. A test holds this to the schema: whatever is new there needs a
 * line here.
 */
import type { FaultKind } from './kinds.ts'
import type { Target } from './schema.ts'

/** Kind → what it does, in short. The header of its file in chaos/faults says what it models and what not. */
export const kindDescriptions: Record<FaultKind, string> = {
  none: 'The control: nothing is broken, and everything must stay up',
  kill: 'Every process of the target dies at once',
  pause: "The target's processes stand still: alive to TCP, silent to clients",
  blackhole: 'Packets on the links are dropped, both ways, on new and existing connections',
  'one-way': 'Packets on the links are dropped in one direction only',
  hang: 'Links accept connections and swallow bytes, both ways',
  refuse: 'Links close existing connections and refuse new ones',
  slow: 'Links take longer',
  jitter: 'Links take longer by an amount that changes all the time',
  bandwidth: 'Links carry less',
  reset: 'Connections over the links are reset',
  flap: 'Links go down and up again, over and over',
  partial: 'The target is cut off from some sites, and keeps its other links',
  drain: 'The target is stopped the planned way (SIGTERM)',
  switchover: 'The primary is changed the planned way',
  'disk-full': "The target's disk has no room left",
  'crash-loop': 'The target dies, comes back and dies again, over and over',
  'cpu-starve': 'The target gets a fraction of a core',
}

export const scopeDescriptions: Record<Target['scope'], string> = {
  region: 'A region: all its nodes, or all its links',
  site: 'Any site by name: a region, the witness, the edge',
  zone: 'All nodes of a zone',
  node: 'One node',
  nodes: 'Several nodes',
  standbys: 'Database nodes that are not the primary',
  dcsLeader: 'The DCS member that leads',
  router: 'A global router',
  link: 'The link between two sites',
  nothing: 'Nothing; for the control',
}

/**
 * Where in a scenario → what it means. `[]` is an item of a list; `with` and `target` are told apart by kind and scope.
 */
export const descriptions: Record<string, string> = {
  name: 'Kebab-case name, e.g. region-loss; runs are filed under it. At most 64 characters',
  title: 'The story in one sentence',
  tags: 'To choose by; "smoke", "core" and "full" put it into the suites of these names',
  load: 'What the clients do',
  'load.ratePerSecond':
    'Requests a second, on a fixed schedule (open model): a whole number, as k6 takes it, of at most 10,000. Times the length of the load at most 5,000,000',
  'load.writeShare': 'Share of the requests that write, 0 to 1',
  'load.timeoutMs': 'A client gives up on a request after this long, in milliseconds; at most ten minutes',
  'load.maxVirtualUsers':
    'Virtual users at most; an arrival that finds none free is dropped, and the trial inconclusive. k6 makes them all beforehand: at most 100,000',
  steadyMs: 'Steady load before the first fault, in milliseconds; at most a day',
  faults: 'What is broken, when, and for how long',
  'faults[].target': 'What it is done to',
  'faults[].atMs': 'Offset from the first fault, in milliseconds; at most a day, and before the load ends (observeMs)',
  'faults[].forMs': 'Time from injection to heal, in milliseconds; at most a day',
  'faults[].resolve':
    'Whether roles such as "primary" mean those of the trial\'s start, or those of the moment when the fault is due',
  'faults[].with': 'What this kind of fault is told',
  observeMs: 'Load and observation go on for this long after the first fault, in milliseconds; at most a day',
  objectives: 'What must hold. Nothing asked is inconclusive, never met',
  'objectives.recoverWithinMs':
    'RTO: clients are served again within this many milliseconds of the first fault, which observeMs must leave time for',
  'objectives.lostWrites': 'RPO in writes: acknowledged writes that may be lost',
  'objectives.onePrimary': 'Never two databases accepting writes in the same instant',
  'objectives.failedRequests': "Requests that may fail, from the first fault to the trial's end",
  'objectives.slowestRequestMs': 'Slowest successful request, in milliseconds from its scheduled time',
  'objectives.writeP99Ms':
    '99 of 100 writes from the first fault on succeed within this many milliseconds of their scheduled time',
  'objectives.samePrimary': 'No other database may take over: what the fault takes away is not worth a failover',
  'objectives.window': 'What "recovered" asks of a window of 5 s',
  'objectives.window.successShare': 'Share of requests that succeed, 0 to 1',
  'objectives.window.p99Ms': '99th percentile of the latency from the scheduled time, in milliseconds',
  'with one-way.direction':
    '"out": bytes from the target are lost; "in": bytes to it. Of a link, the first site is the target',
  'with slow.latencyMs':
    'Added in each direction, in whole milliseconds, at most ten minutes: a round trip takes twice as much longer',
  'with jitter.jitterMs':
    'Each chunk is late by 0 to this many whole milliseconds, at most ten minutes, drawn anew, in each direction',
  'with bandwidth.kilobytesPerSecond': 'What each connection gets in each direction, in kilobytes per second',
  'with flap.of': 'What is switched on and off',
  'with flap.downMs': 'Length of a down phase, in milliseconds',
  'with flap.upMs': 'Length of an up phase, in milliseconds',
  'with partial.from': 'The sites that the target is cut off from; "primary" and "other" mean the regions',
  'with switchover.to': 'The database node that takes over, or "other" for one in the other region',
  'with crash-loop.upMs': 'How long the node runs before it dies again, in milliseconds',
  'with crash-loop.downMs': 'How long it then stays dead, in milliseconds',
  'with cpu-starve.cores': 'What is left of one core to each node of the target, 0.01 to 1',
  'target region.name': '"primary" (where the primary database stands), "other", or a region\'s name',
  'target site.name': 'A site\'s name, e.g. "witness"',
  'target zone.name': '"primary" or a zone, e.g. "east/a"',
  'target node.name': '"primary" or a Compose service name, e.g. "pg-east-a"',
  'target nodes.names': 'Compose service names',
  'target standbys.which': 'All of them, or one in the other region',
  'target router.name': '"active" (the one that clients enter by) or a Compose service name',
  'target link.sites':
    'Two sites, in the order that matters to a one-way fault; "primary" and "other" mean the regions',
}
