/**
 * Checks `samePrimary`: did the database that was primary at T0 stay the only one? Evidence is the leader key in etcd
 * and committed probe writes, not role names.
 */
import type { RecordedJournal } from '../journal/recorded.ts'
import { isMultiPrimary, nodesOf } from '../topology/topology.ts'
import { primaryBefore } from './failover.ts'
import { wasAsked } from './watch-databases.ts'

/** The first sign of each kind that a database took over. */
export interface TakeOver {
  node: string
  atMs: number
  how: 'took the leader key' | 'committed writes'
  observer: string
}
/** A time in which no node held the leader key; `toMs` is null if it was not seen to be taken again. */
export interface KeyLapse {
  fromMs: number
  toMs: number | null
}

export interface Tenure {
  /** The primary at T0; null if none was observed. */
  primary: string | null
  takeOvers: TakeOver[]
  keyLapses: KeyLapse[]
  /** Whether the leader key was known at T0, and whether every database was asked to commit. */
  watched: { leaderKey: boolean; databases: boolean }
  /** Null if it was not observed, or if there was no primary at T0. */
  kept: boolean | null
  /** Who was primary after it, one after the other: by the leader key or by commits, whichever shows more changes. */
  successors: Successor[]
  /**
   * Promotions of which nobody saw who was promoted: each begins the next timeline, so these are the timelines between
   * two commits that nobody committed on, and those beyond the last commit.
   */
  unseen: number
  /** Whether somebody watched who would have seen all of them. */
  throughout: boolean
}

export interface Successor {
  node: string
  atMs: number
}

/**
 * Reads the journal from T0 to its end. A leader key that its holder lost and took again is a lapse, and no change of
 * primary.
 */
export function measureTenure(journal: RecordedJournal, requestedMs: number): Tenure | null {
  const databases = nodesOf(journal.opened.topology, 'database')
  // Where every database takes writes, none takes over from another.
  if (databases.some(isMultiPrimary)) return null
  const before = primaryBefore(journal, requestedMs)
  const incumbents = new Set([before.node, before.holder ?? before.node])
  const takeOvers = [
    ...keyTakeOvers(journal, requestedMs, incumbents),
    ...commitTakeOvers(journal, requestedMs, incumbents),
  ].toSorted((a, b) => a.atMs - b.atMs)
  const watched = {
    leaderKey: before.holder !== undefined,
    databases: databases.length > 0 && databases.every(({ name }) => wasAsked(journal, name)),
  }
  const successors = [keysHeld(journal, requestedMs), committed(journal, requestedMs)]
    .map((held) => changesIn(held, incumbents))
    .reduce((a, b) => (b.length > a.length ? b : a))
  const throughout = before.node !== null && (watched.leaderKey || watched.databases)
  const told = throughout || (before.node !== null && takeOvers.length > 0)
  return {
    primary: before.node,
    takeOvers,
    keyLapses: keyLapses(journal, requestedMs),
    watched,
    kept: told ? takeOvers.length === 0 : null,
    successors,
    unseen: timelinesPassedOver(journal, requestedMs),
    throughout,
  }
}

function timelinesPassedOver(journal: RecordedJournal, requestedMs: number): number {
  let latest: number | undefined
  let passedOver = 0
  for (const { accepting, timeline, commitMs, atMs } of journal.of('database.writable')) {
    if (!accepting || timeline === null) continue
    if (latest !== undefined && (commitMs ?? atMs) >= requestedMs) passedOver += Math.max(0, timeline - latest - 1)
    latest = Math.max(latest ?? timeline, timeline)
  }
  // One that never committed is seen by the timeline that databases say they are on.
  const said = journal
    .of('database.role')
    .reduce((highest, { timeline, atMs }) => (atMs > requestedMs ? Math.max(highest, timeline ?? 0) : highest), 0)
  return passedOver + (latest === undefined ? 0 : Math.max(0, said - latest))
}

/** Each node that was not the one before it. That the incumbent has two names is no change. */
function changesIn(held: readonly Successor[], incumbents: ReadonlySet<string | null>): Successor[] {
  const who = (node: string): string | null => (incumbents.has(node) ? null : node)
  return held.filter(({ node }, i) => who(node) !== (i === 0 ? null : who(held[i - 1]?.node ?? '')))
}

function keysHeld(journal: RecordedJournal, requestedMs: number): Successor[] {
  return keyReports(journal, requestedMs).flatMap(({ leader, atMs }) =>
    leader === null ? [] : [{ node: leader, atMs }],
  )
}

/** A node that commits is a primary, on whatever timeline, and even if it was not promoted. */
function committed(journal: RecordedJournal, requestedMs: number): Successor[] {
  return journal
    .of('database.writable')
    .filter(({ accepting }) => accepting)
    .map(({ node, commitMs, atMs }) => ({ node, atMs: commitMs ?? atMs }))
    .filter(({ atMs }) => atMs >= requestedMs)
    .toSorted((a, b) => a.atMs - b.atMs)
}

interface KeyReport {
  atMs: number
  leader: string | null
  member: string
}

/**
 * What the members reported after T0, in the order in which it happened, which is that of the revisions: a member that
 * lags behind may tell of an earlier holder after another has told of the next. That one held it before it is known to
 * have lost it. What is older than what was known at T0 is of no interest.
 */
function keyReports(journal: RecordedJournal, requestedMs: number): KeyReport[] {
  const reports = journal.of('dcs.leader')
  const known = reports
    .filter(({ atMs }) => atMs <= requestedMs)
    .reduce((newest, { revision }) => Math.max(newest, revision), -1)
  const inOrder = reports
    .filter(({ atMs, revision }) => atMs > requestedMs && revision >= known)
    .toSorted((a, b) => a.revision - b.revision || a.atMs - b.atMs)
  const nextMs = inOrder.map(({ atMs }) => atMs)
  for (let i = nextMs.length - 2; i >= 0; i--) nextMs[i] = Math.min(nextMs[i] ?? Infinity, nextMs[i + 1] ?? Infinity)
  return inOrder.map(({ leader, member }, i) => ({ atMs: nextMs[i] ?? Infinity, leader, member }))
}

function keyTakeOvers(
  journal: RecordedJournal,
  requestedMs: number,
  incumbents: ReadonlySet<string | null>,
): TakeOver[] {
  const first = new Map<string, TakeOver>()
  for (const { leader, atMs, member } of keyReports(journal, requestedMs)) {
    if (leader === null || incumbents.has(leader) || first.has(leader)) continue
    first.set(leader, { node: leader, atMs, how: 'took the leader key', observer: `dcs watch at ${member}` })
  }
  return [...first.values()]
}

function commitTakeOvers(
  journal: RecordedJournal,
  requestedMs: number,
  incumbents: ReadonlySet<string | null>,
): TakeOver[] {
  const first = new Map<string, TakeOver>()
  for (const { node, atMs } of committed(journal, requestedMs)) {
    if (incumbents.has(node) || first.has(node)) continue
    first.set(node, { node, atMs, how: 'committed writes', observer: `database probe of ${node}` })
  }
  return [...first.values()]
}

function keyLapses(journal: RecordedJournal, requestedMs: number): KeyLapse[] {
  const lapses: KeyLapse[] = []
  for (const { leader, atMs } of keyReports(journal, requestedMs)) {
    const open = lapses.at(-1)
    if (leader === null && open?.toMs !== null) lapses.push({ fromMs: atMs, toMs: null })
    if (leader !== null && open?.toMs === null) open.toMs = atMs
  }
  return lapses
}
