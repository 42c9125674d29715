/**
 * Losses: the clients' writes in the journal, compared with what every database holds after heal and catch-up.
 *
 * Lost is a write that was acked and is absent from at least one node. A node that has not caught up lacks writes that
 * are not lost. So without proof of catch-up (`redundant` after the last heal, before the audits) only a write that is
 * absent from *every* database counts as evidence, and the number of losses stays unknown.
 *
 * Databases are not read in the same instant. A write that its client gave up on may still be committing, and may be
 * found only by the later reads. So the databases are read again where they disagree. Journals of older trials have one
 * reading: there a write is excused whose client gave up less than a client's patience before it was read, and then
 * nobody knows whether the databases agree.
 */
import type { RecordedJournal } from '../journal/recorded.ts'
import { nodesOf } from '../topology/topology.ts'
import type { Arrivals } from './arrivals.ts'
import { type Audits, auditsOf, nobodyLooked, toBeRead } from './audits.ts'
import { counted } from './figures.ts'
import { invariantsOf } from './invariants.ts'
import { dataDefects } from './stored.ts'
import { compare, type LostWrite, type Tallied } from './tally.ts'

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
  /** The stored data has no defect. Null where that is not known: `openQuestion` says why, if every database was read. */
  consistent: boolean | null
  openQuestion: string | undefined
  /** How many invariants every database was asked for; 0 where the stack gives none. */
  invariantsChecked: number
  /** Broken invariants in words, and what else is wrong with the stored data. */
  defects: string[]
  /** Apps or routers through which writes were read back; undefined where each database was read itself. */
  readThrough: readonly string[] | undefined
  /** Stores beside the databases, such as Redis: nobody reads what they hold. */
  unauditedStores: string[]
}

/**
 * `ledgerComplete`: every request that was made is in the journal; otherwise a stored write of unknown origin says
 * nothing. `unrecorded`: of these numbers some have no record, because the load was stopped.
 */
export function measureLosses(
  journal: RecordedJournal,
  arrivals: Arrivals,
  { ledgerComplete, unrecorded }: { ledgerComplete: boolean; unrecorded?: Tallied['unrecorded'] },
): Losses {
  const audits = auditsOf(journal)
  const tally = compare({ journal, arrivals, audits, provesAbsence: absenceProof(journal, audits), unrecorded })
  const complete = audits.defect === null
  const ifComplete = (value: number): number | null => (complete ? value : null)
  const duplicated = [...new Set(audits.read.flatMap(({ readings }) => readings.flatMap((event) => event.duplicated)))]
  const invariants = invariantsOf(journal, audits.read)
  const defects = [...invariants.broken, ...dataDefects({ audits: audits.read, tally, duplicated, ledgerComplete })]
  const openQuestion = nobodyLooked(journal)
    ? `what is lost was not looked for: ${notConfigured}`
    : tally.unsettled > 0
      ? unsettledWords(tally.unsettled)
      : invariants.unchecked
  return {
    ackedWrites: tally.acked,
    rejectedWrites: tally.rejected,
    unknownWrites: tally.unknown,
    lostWrites: ifComplete(tally.lost),
    surelyLost: tally.lost,
    samples: tally.samples,
    lostSpanMs: ifComplete(tally.lost === 0 ? 0 : tally.lastLostMs - tally.firstLostMs),
    unknownStoredWrites: ifComplete(tally.unknownStored),
    resurrectedWrites: ifComplete(tally.resurrected.length),
    duplicatedWrites: ifComplete(duplicated.length),
    divergentWrites: ifComplete(tally.divergent),
    consistent: defects.length > 0 && audits.caughtUp ? false : complete && openQuestion === undefined ? true : null,
    openQuestion: complete || nobodyLooked(journal) ? openQuestion : undefined,
    invariantsChecked: invariants.checked,
    defects,
    readThrough: journal.opened.audit?.by === 'http' ? journal.opened.audit.nodes : undefined,
    unauditedStores: nodesOf(journal.opened.topology, 'store')
      // Sentinels watch a store, and hold nothing.
      .filter(({ attributes }) => attributes['store.watches'] === undefined)
      .map(({ name }) => name),
  }
}

export const notConfigured = 'blackstart.yaml does not say how writes are read back (audit.writes)'

function unsettledWords(unsettled: number): string {
  return `the databases disagree on ${counted(unsettled, 'write')} that may still have been on the way: the client gave up on ${unsettled === 1 ? 'it' : 'them'} shortly before the databases were read, and nobody read them again`
}

/**
 * From how many databases a write must be absent to be lost for sure. A partly read but caught-up cluster proves an
 * absence; one that has not caught up proves it only if no node has the write.
 */
function absenceProof(journal: RecordedJournal, { read, caughtUp }: Audits): number {
  if (read.length === 0) return Infinity
  if (caughtUp) return 1
  return toBeRead(journal).every((name) => read.some((audit) => audit.node === name)) ? read.length : Infinity
}
