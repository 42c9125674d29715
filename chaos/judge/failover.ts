/** T2 to T5: what the components did about the fault, each moment with the observer that saw it. */
import type { RecordedJournal } from '../journal/recorded.ts'
import { databasesThatTell, isMultiPrimary, nodesOf } from '../topology/topology.ts'
import type { FaultRecord } from './faults.ts'
import { firstMarkedDown, serverTaken } from './marked-down.ts'
import type { Observation } from './observation.ts'
import { primaryAskedMs, primaryLostMs } from './primary-loss.ts'
import { routedMoment } from './routing.ts'
import { worst } from './statistics.ts'

/** Each moment is a boundary between phases. */
export interface Failover {
  /** Phases count from here: the request of the fault that took the primary, or a server, away. T0 where none did. */
  fromMs: number
  /** The database that was primary at T0; null if none was observed. */
  oldPrimary: string | null
  /** Null when the primary did not change, as far as was observed. */
  newPrimary: string | null
  /** Whether a change of primary would have been seen; where each database takes writes there can be none. */
  watched: boolean
  multiPrimary: boolean
  /** Whether a fault took away something that should have been detected. */
  detectable: boolean
  detected: Observation | null
  elected: Observation | null
  promoted: Observation | null
  routed: Observation | null
}

export function observeFailover(
  journal: RecordedJournal,
  faults: readonly FaultRecord[],
  requestedMs: number,
): Failover {
  const { topology } = journal.opened
  if (nodesOf(topology, 'database').some(isMultiPrimary)) return amongEquals(journal, faults, requestedMs)
  const old = primaryBefore(journal, requestedMs)
  const causeMs = causeOfChange(journal, faults, { old, requestedMs })
  const keyLost = leaderKey(journal, causeMs, (leader) => leader !== old.holder)
  const elected = leaderKey(journal, causeMs, (leader) => leader !== null && leader !== old.holder)
  const promotion = promotionAfter(journal, causeMs, old)
  const newPrimary = promotion?.node ?? elected?.leader ?? null
  const changed = newPrimary !== null
  const marked =
    keyLost === null ? firstMarkedDown(journal, faults, { fromMs: causeMs, primary: changed ? old.node : null }) : null
  const detected = keyLost?.seen ?? marked?.seen ?? null
  const fromMs = promotion?.seen.atMs ?? elected?.seen.atMs ?? detected?.atMs ?? null
  const primary = newPrimary ?? old.node
  return {
    fromMs: changed ? causeMs : (marked?.faultMs ?? causeMs),
    oldPrimary: old.node,
    newPrimary,
    watched: old.holder !== undefined || databasesThatTell(topology).length > 0,
    multiPrimary: false,
    detectable: changed || primaryLostMs(journal, faults, old.node) !== null || serverTaken(journal, faults),
    detected,
    elected: elected?.seen ?? null,
    promoted: promotion?.seen ?? null,
    routed: fromMs === null || primary === null ? null : routedMoment(journal, { primary, fromMs }),
  }
}

/** Nobody is elected or promoted where each database takes writes. That one is gone, routers and clients may notice. */
function amongEquals(journal: RecordedJournal, faults: readonly FaultRecord[], requestedMs: number): Failover {
  const databases = nodesOf(journal.opened.topology, 'database')
  const marked = firstMarkedDown(journal, faults, { fromMs: requestedMs, primary: null })
  return {
    fromMs: marked?.faultMs ?? requestedMs,
    oldPrimary: null,
    newPrimary: null,
    watched: true,
    multiPrimary: true,
    detectable:
      databases.some(({ name }) => primaryLostMs(journal, faults, name) !== null) || serverTaken(journal, faults),
    detected: marked?.seen ?? null,
    elected: null,
    promoted: null,
    routed: null,
  }
}

/**
 * When the fault was requested that the change of primary followed: the one that took the primary away, else the one
 * that asked it to go or disturbed it. Not a fault that came when the change had already begun. T0 where there is none
 * of these.
 */
function causeOfChange(
  journal: RecordedJournal,
  faults: readonly FaultRecord[],
  { old, requestedMs }: { old: OldPrimary; requestedMs: number },
): number {
  const other = leaderKey(journal, requestedMs, (leader) => leader !== null && leader !== old.holder)
  const promotion = promotionAfter(journal, requestedMs, old)
  const begunBefore = (ms: number): boolean =>
    primaryBefore(journal, ms).holder !== old.holder ||
    Math.min(other?.seen.atMs ?? Infinity, promotion?.seen.atMs ?? Infinity) < ms
  const causes = [primaryLostMs(journal, faults, old.node), primaryAskedMs(faults, old.node)]
  return causes.find((ms) => ms !== null && !begunBefore(ms)) ?? requestedMs
}

interface OldPrimary {
  node: string | null
  timeline: number | null
  holder: string | null | undefined
}

/**
 * Who accepted writes and who held the leader key just before T0. `holder` is undefined if the key was not observed.
 */
export function primaryBefore(journal: RecordedJournal, requestedMs: number): OldPrimary {
  const writable = journal
    .of('database.writable')
    .findLast((event) => event.accepting && (event.commitMs ?? event.atMs) <= requestedMs)
  let holder: string | null | undefined
  let revision = -1
  for (const event of journal.of('dcs.leader')) {
    if (event.atMs > requestedMs || event.revision < revision) continue
    revision = event.revision
    holder = event.leader
  }
  return {
    node: writable?.node ?? holder ?? primaryByRole(journal, requestedMs) ?? null,
    timeline: writable?.timeline ?? null,
    holder,
  }
}

/**
 * Who said that it is primary, and had not said otherwise. Evidence only where nobody can be asked to commit: then there
 * is no better word.
 */
export function primaryByRole(journal: RecordedJournal, ms: number): string | undefined {
  if (databasesThatTell(journal.opened.topology).length > 0) return undefined
  const roles = new Map<string, string>()
  for (const { node, role, atMs } of journal.of('database.role')) if (atMs <= ms) roles.set(node, role)
  return [...roles].find(([, role]) => role === 'primary')?.[0]
}

/**
 * First report of a leader key that differs from the one at T0. Members report the same change at different times, and
 * one that was cut off reports an old one later: only reports that are not older than what was known count.
 */
function leaderKey(
  journal: RecordedJournal,
  requestedMs: number,
  wanted: (leader: string | null) => boolean,
): { leader: string | null; seen: Observation } | null {
  const events = journal.of('dcs.leader')
  const known = events.filter((event) => event.atMs <= requestedMs)
  if (known.length === 0) return null
  const revision = worst(known.map((event) => event.revision)) ?? 0
  const first = events.find((event) => event.atMs > requestedMs && event.revision >= revision && wanted(event.leader))
  if (first === undefined) return null
  return {
    leader: first.leader,
    seen: { atMs: first.atMs, observer: `dcs watch at ${first.member}`, uncertaintyMs: first.uncertaintyMs },
  }
}

/** First probe write that another node committed, on a later timeline where timelines are known. */
function promotionAfter(
  journal: RecordedJournal,
  requestedMs: number,
  old: OldPrimary,
): { node: string; seen: Observation } | null {
  for (const event of journal.of('database.writable')) {
    const atMs = event.commitMs ?? event.atMs
    if (!event.accepting || event.node === old.node || atMs < requestedMs) continue
    if (old.timeline !== null && event.timeline !== null && event.timeline <= old.timeline) continue
    return {
      node: event.node,
      seen: { atMs, observer: `database probe of ${event.node}`, uncertaintyMs: event.uncertaintyMs },
    }
  }
  return null
}
