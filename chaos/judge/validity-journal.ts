/**
 * Does the journal contradict itself? What no harness writes is no evidence: an outcome that its status denies, a name
 * that the topology does not know, events after the end, a clock that runs backwards.
 */
import type { RecordedJournal } from '../journal/recorded.ts'
import type { MilestoneEvent } from '../journal/schema.ts'
import type { Role } from '../topology/topology.ts'
import { duration, moment } from './figures.ts'
import { answersDefect } from './validity-answers.ts'
import { commitsDefect } from './validity-commits.ts'
import { labelsDefect } from './validity-labels.ts'
import type { Defect } from './validity-load.ts'
import { primaryDefect } from './validity-primary.ts'
import { tellersDefect } from './validity-tellers.ts'
import { timingErrorMs } from './validity-times.ts'
import { topologyDefect } from './validity-topology.ts'
import { versionDefect } from './validity-version.ts'
import { versionsDefect } from './validity-versions.ts'

/** Seconds of a real load never all take the same time to the last digit. */
const enoughRequests = 100

export function consistencyDefect(journal: RecordedJournal): Defect {
  return (
    versionDefect(journal) ??
    orderDefect(journal) ??
    repeatedDefect(journal) ??
    strangerDefect(journal) ??
    topologyDefect(journal) ??
    labelsDefect(journal) ??
    tellersDefect(journal) ??
    commitsDefect(journal) ??
    primaryDefect(journal) ??
    answersDefect(journal) ??
    versionsDefect(journal) ??
    latencyDefect(journal)
  )
}

/** In the order of time, and nothing that counts after the end. Real journals never step back at all. */
function orderDefect({ milestones, requests }: RecordedJournal): Defect {
  let latestMs = -Infinity
  let closedMs = Infinity
  for (const event of milestones) {
    const { kind, atMs } = event
    if (atMs < latestMs - timingErrorMs)
      return `"${kind}" is recorded ${duration(latestMs - atMs)} before what stands above it`
    latestMs = Math.max(latestMs, atMs)
    if ('uncertaintyMs' in event && event.uncertaintyMs < 0)
      return `"${kind}" at ${moment(atMs)} is uncertain by less than nothing`
    if (closedMs < Infinity && !afterTheEnd.has(kind)) return `"${kind}" stands after the end of the trial`
    if (kind === 'trial.closed') closedMs = atMs
  }
  // Requests are recorded when they end, which need not be the order of their file.
  for (let i = 0; i < requests.length; i++) {
    if (requests.atMs(i) > closedMs) return `request ${requests.n(i)} is recorded after the end of the trial`
  }
  return undefined
}

/** What observers may still say while they stop. */
const afterTheEnd = new Set<MilestoneEvent['kind']>([
  'note',
  'database.role',
  'database.writable',
  'database.replication',
  'dcs.leader',
  'dcs.term',
  'router.reachable',
  'router.server',
  'beacon.edge',
  'beacon.heard',
  'beacon.reachable',
  'observer.gap',
  'observer.summary',
  'host.sampled',
  'node.started',
  'load.clock',
  'instrument.failed',
])

/** What happens once in a trial, or once for each observer. */
function repeatedDefect(journal: RecordedJournal): Defect {
  for (const kind of ['trial.closed', 'load.started', 'load.ended', 'redundant'] as const) {
    const { length } = journal.of(kind)
    if (length > 1) return `it holds "${kind}" ${length} times`
  }
  for (const kind of ['observer.started', 'observer.summary'] as const) {
    const seen = new Set<string>()
    for (const { observer, subject } of journal.of(kind)) {
      if (seen.has(`${observer} ${subject}`))
        return `it holds "${kind}" of the ${observer} observer of ${subject} twice`
      seen.add(`${observer} ${subject}`)
    }
  }
  for (const kind of ['fault.acted', 'fault.lasted', 'heal.requested', 'heal.acted'] as const) {
    const ids = journal.of(kind).map(({ faultId }) => faultId)
    const again = ids.find((id, i) => ids.indexOf(id) !== i)
    if (again !== undefined) return `it holds "${kind}" of the fault ${again} twice`
  }
  const names = journal.opened.topology.nodes.map(({ name }) => name)
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  return twice && `its topology has two nodes of the name ${twice}`
}

/** Observers see what the topology has, in the role that it has there; and faults are told of that were requested. */
function strangerDefect(journal: RecordedJournal): Defect {
  const { nodes, sites } = journal.opened.topology
  const roles = new Map(nodes.map(({ name, role }) => [name, role]))
  const places = new Set(sites.map(({ name }) => name))
  const requested = new Set(journal.of('fault.requested').map(({ faultId }) => faultId))
  for (const event of journal.milestones) {
    if ('faultId' in event && !requested.has(event.faultId))
      return `"${event.kind}" tells of the fault ${event.faultId}, which was never requested`
    const place = 'site' in event ? event.site : undefined
    if (place !== undefined && !places.has(place))
      return `"${event.kind}" is of ${place}, and the topology has no such site`
    const of = subjectOf(event, journal.opened.audit === undefined)
    if (of === undefined) continue
    const role = roles.get(of.node)
    if (role === undefined) return `"${event.kind}" is of ${of.node}, and the topology has no such node`
    if (of.role !== undefined && role !== of.role)
      return `"${event.kind}" is of ${of.node}, which is no ${of.role} in the topology but a ${role}`
  }
  return undefined
}

/** `ofDatabases`: writes are read back from databases, and not through apps. */
function subjectOf(event: MilestoneEvent, ofDatabases: boolean): { node: string; role?: Role } | undefined {
  switch (event.kind) {
    case 'database.role':
    case 'database.writable':
    case 'audit.invariants':
      return { node: event.node, role: 'database' }
    case 'audit.read':
    case 'audit.failed':
      return { node: event.node, ...(ofDatabases && { role: 'database' as const }) }
    case 'database.replication':
    case 'redundant':
      return { node: event.primary, role: 'database' }
    case 'dcs.leader':
    case 'dcs.term':
      return { node: event.member, role: 'dcs' }
    case 'router.server':
    case 'router.reachable':
      return { node: event.router, role: 'router' }
    case 'node.started':
    case 'audit.progress':
      return { node: event.node }
    default:
      return undefined
  }
}

/** A load generator that measures nothing writes the same time for every request. */
function latencyDefect({ requests }: RecordedJournal): Defect {
  if (requests.length < enoughRequests) return undefined
  const tookMs = (i: number): number => requests.endedMs(i) - requests.startedMs(i)
  const firstMs = tookMs(0)
  for (let i = 1; i < requests.length; i++) if (Math.abs(tookMs(i) - firstMs) > 1e-6) return undefined
  return `each of the ${requests.length} requests took exactly ${duration(firstMs)}, from ${moment(requests.startedMs(0))} on`
}
