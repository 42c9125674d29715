/**
 * Losses: the clients' writes in the journal, compared with what every database holds after heal and catch-up.
 *
 * Lost is a write that was acked and is absent from at least one node. A node that has not caught up lacks writes that
 * are not lost. So without proof of catch-up (`redundant` after the last heal, before the audits) only a write that is
 * absent from *every* database counts as evidence, and the number of losses stays unknown.
 *
 * Databases are not read in the same instant. A write that its client gave up on may still be committing, and may be
 * found only by the later reads: a disagreement about it counts as a defect only after every database was read again.
 */

import { inRanges, parseRanges, type Ranges, sizeUpTo } from '../journal/ranges.ts'
import type { RecordedJournal } from '../journal/recorded.ts'
import type { EventOf } from '../journal/schema.ts'
import { nodesOf } from '../topology/topology.ts'
import { type Arrivals, at } from './arrivals.ts'
import { counted } from './figures.ts'
import { some } from './words.ts'

const samplesAtMost = 20

export interface LostWrite {
  n: number
  ackedAtMs: number
  region: string | undefined
  absentFrom: string[]
}
interface Audit {
  node: string
  event: EventOf<'audit.read'>
  stored: Ranges
  readings: number
}

export interface Losses {
  ackedWrites: number
  rejectedWrites: number
  unknownWrites: number
  /** Null when not every database was read after catch-up. */
  lostWrites: number | null
  /** Lost for sure, whatever else went wrong: at least these. Equals `lostWrites` where that is known. */
  surelyLost: number
  samples: LostWrite[]
  lostSpanMs: number | null
  unknownStoredWrites: number | null
  resurrectedWrites: number | null
  duplicatedWrites: number | null
  /** Stored on some databases and absent from others. */
  divergentWrites: number | null
  invariantsHold: boolean | null
  /** Broken invariants in words, and what else is wrong with the stored data. */
  defects: string[]
}

/** Why the audits do not say everything; null when they do. */
export function auditDefect(journal: RecordedJournal): string | null {
  const databases = nodesOf(journal.opened.topology, 'database').map((node) => node.name)
  if (databases.length === 0) return 'the topology has no database node'
  const failed = journal.of('audit.failed')[0]
  if (failed !== undefined) return `the audit of ${failed.node} failed: ${failed.reason}`
  const stranger = journal.of('audit.read').find((event) => isStrange(journal, event))
  if (stranger !== undefined)
    return `${stranger.node} is of another world: it holds cluster ${stranger.systemIdentifier}, not ${journal.opened.systemIdentifier}`
  const read = auditsOf(journal)
  const missing = databases.filter((name) => !read.some((audit) => audit.node === name))
  if (missing.length > 0) return `${some(missing)} ${missing.length === 1 ? 'was' : 'were'} not read, or not readable`
  return caughtUp(journal, read)
    ? null
    : 'the databases were read before they had caught up: no "redundant" after the last heal'
}

/**
 * `ledgerComplete`: every request that was made is in the journal; otherwise a stored write of unknown origin says
 * nothing. `completeUpTo`: of those with higher numbers, some have no record, because the load was stopped.
 */
export function measureLosses(
  journal: RecordedJournal,
  arrivals: Arrivals,
  { ledgerComplete, completeUpTo = Infinity }: { ledgerComplete: boolean; completeUpTo?: number },
): Losses {
  const audits = auditsOf(journal)
  const complete = auditDefect(journal) === null
  const allRead = nodesOf(journal.opened.topology, 'database').every((node) =>
    audits.some((audit) => audit.node === node.name),
  )
  // A partly read but caught-up cluster proves an absence; one that has not caught up proves it only if no node has the
  // write.
  const provesAbsence =
    audits.length > 0 && caughtUp(journal, audits) ? 1 : allRead && audits.length > 0 ? audits.length : Infinity
  const tally = compare({ journal, arrivals, audits, provesAbsence, completeUpTo })
  const ifComplete = (value: number): number | null => (complete ? value : null)
  const duplicated = new Set(audits.flatMap((audit) => audit.event.duplicated)).size
  const defects = defectsOf({ audits, tally, duplicated, ledgerComplete })
  return {
    ackedWrites: tally.acked,
    rejectedWrites: tally.rejected,
    unknownWrites: tally.unknown,
    lostWrites: ifComplete(tally.lost),
    surelyLost: tally.lost,
    samples: tally.samples,
    lostSpanMs: ifComplete(tally.lost === 0 ? 0 : tally.lastLostMs - tally.firstLostMs),
    unknownStoredWrites: ifComplete(tally.unknownStored),
    resurrectedWrites: ifComplete(tally.resurrected),
    duplicatedWrites: ifComplete(duplicated),
    divergentWrites: ifComplete(tally.divergent),
    invariantsHold: defects.length > 0 && caughtUp(journal, audits) ? false : complete ? true : null,
    defects,
  }
}

/** Read from a world of the same name that was made anew after the trial began: what is absent there was not lost. */
function isStrange({ opened }: RecordedJournal, { systemIdentifier }: EventOf<'audit.read'>): boolean {
  return (
    opened.systemIdentifier !== undefined &&
    systemIdentifier !== undefined &&
    systemIdentifier !== opened.systemIdentifier
  )
}

/** The last reading of each node, and how many there were. */
function auditsOf(journal: RecordedJournal): Audit[] {
  const audits = new Map<string, Audit>()
  for (const event of journal.of('audit.read')) {
    const stored = parseRanges(event.writes)
    if (stored !== null && !isStrange(journal, event))
      audits.set(event.node, { node: event.node, event, stored, readings: (audits.get(event.node)?.readings ?? 0) + 1 })
  }
  return [...audits.values()].toSorted((a, b) => a.node.localeCompare(b.node))
}

function caughtUp(journal: RecordedJournal, audits: readonly Audit[]): boolean {
  const healedMs = Math.max(
    ...journal.of('fault.requested').map((event) => event.atMs),
    ...journal.of('heal.proved').map((event) => event.atMs),
  )
  const redundant = journal.of('redundant').find((event) => event.atMs >= healedMs)
  return redundant !== undefined && audits.every((audit) => audit.event.atMs >= redundant.atMs)
}

interface Tally {
  acked: number
  rejected: number
  unknown: number
  lost: number
  firstLostMs: number
  lastLostMs: number
  samples: LostWrite[]
  unknownStored: number
  resurrected: number
  divergent: number
  /** Divergent writes whose outcome is unknown. */
  unsettled: number
  /** Stored writes that no request of the journal sent, by node. */
  unsent: Map<string, number>
}

function compare(options: {
  journal: RecordedJournal
  arrivals: Arrivals
  audits: readonly Audit[]
  provesAbsence: number
  completeUpTo: number
}): Tally {
  const {
    journal: { requests },
    arrivals,
    audits,
    provesAbsence,
    completeUpTo,
  } = options
  const tally: Tally = {
    acked: 0,
    rejected: 0,
    unknown: 0,
    lost: 0,
    firstLostMs: Infinity,
    lastLostMs: -Infinity,
    samples: [],
    unknownStored: 0,
    resurrected: 0,
    divergent: 0,
    unsettled: 0,
    unsent: new Map(audits.map((audit) => [audit.node, sizeUpTo(audit.stored, completeUpTo)])),
  }
  for (let i = 0; i < arrivals.count; i++) {
    const row = at(arrivals.row, i)
    if (!requests.isWrite(row)) continue
    const n = requests.n(row)
    const outcome = requests.outcome(row)
    tally[outcome]++
    const absentFrom: string[] = []
    for (const audit of audits) {
      if (!inRanges(audit.stored, n)) absentFrom.push(audit.node)
      else if (n <= completeUpTo) tally.unsent.set(audit.node, (tally.unsent.get(audit.node) ?? 0) - 1)
    }
    const stored = absentFrom.length < audits.length
    if (stored && absentFrom.length > 0) {
      tally.divergent++
      if (outcome === 'unknown') tally.unsettled++
    }
    if (stored && outcome === 'unknown') tally.unknownStored++
    if (stored && outcome === 'rejected') tally.resurrected++
    if (outcome === 'acked' && absentFrom.length >= provesAbsence) {
      addLost(tally, { n, ackedAtMs: requests.endedMs(row), region: requests.region(row), absentFrom })
    }
  }
  return tally
}

function addLost(tally: Tally, write: LostWrite): void {
  tally.lost++
  tally.firstLostMs = Math.min(tally.firstLostMs, write.ackedAtMs)
  tally.lastLostMs = Math.max(tally.lastLostMs, write.ackedAtMs)
  if (tally.samples.length < samplesAtMost) tally.samples.push(write)
}

function defectsOf({
  audits,
  tally,
  duplicated,
  ledgerComplete,
}: {
  audits: readonly Audit[]
  tally: Tally
  duplicated: number
  ledgerComplete: boolean
}): string[] {
  const defects: string[] = []
  for (const { node, event } of audits) {
    for (const invariant of event.invariants) {
      if (!invariant.holds) defects.push(`"${invariant.name}" does not hold on ${node}: ${invariant.detail}`)
    }
    if (event.unexpected.length > 0)
      defects.push(
        `${node} holds ${counted(event.unexpected.length, 'key')} of this trial that no client sent (${some(event.unexpected)})`,
      )
    const unsent = tally.unsent.get(node) ?? 0
    if (unsent > 0 && ledgerComplete)
      defects.push(`${node} holds ${counted(unsent, 'write')} that no recorded request sent`)
  }
  if (duplicated > 0)
    defects.push(`${counted(duplicated, 'write')} ${duplicated === 1 ? 'is' : 'are'} stored more than once`)
  const divergent = audits.every((audit) => audit.readings > 1) ? tally.divergent : tally.divergent - tally.unsettled
  if (divergent > 0)
    defects.push(
      `the databases disagree on ${counted(divergent, 'write')}: some hold ${divergent === 1 ? 'it' : 'them'}, others do not`,
    )
  return defects
}
