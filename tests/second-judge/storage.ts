/** What became of each write: what clients were told, beside what every database holds at the end. */
import type { RecordedJournal } from '../../chaos/journal/recorded.ts'
import type { RequestEvent } from '../../chaos/journal/requests.ts'
import { mayBeUnrecorded } from './stopped.ts'

export interface Storage {
  lostWrites: number
  resurrectedWrites: number
  unknownStoredWrites: number
  duplicatedWrites: number
  divergentWrites: number
  /** Of those, the ones of which the client was told what became of them. */
  divergentToldWrites: number
  invariantsHold: boolean | null
  /** Keys under the trial's prefix that nobody sent, or numbers that were reads or never due. */
  neverSent: number
}

export function counts(requests: readonly RequestEvent[]): { acked: number; rejected: number; unknown: number } {
  const writes = requests.filter(({ op }) => op === 'write')
  const of = (outcome: string): number => writes.filter((write) => write.outcome === outcome).length
  return { acked: of('acked'), rejected: of('rejected'), unknown: of('unknown') }
}

/** Null unless every database was read in full, after it had caught up. */
export function storageOf(journal: RecordedJournal, requests: readonly RequestEvent[]): Storage | null {
  const databases = journal.opened.topology.nodes.filter(({ role }) => role === 'database')
  const read = databases.flatMap(({ name }) => journal.of('audit.read').findLast(({ node }) => node === name) ?? [])
  const healed = [...journal.of('fault.requested'), ...journal.of('heal.proved')].map(({ atMs }) => atMs)
  const caughtUp = journal.of('redundant').find(({ atMs }) => healed.every((ms) => ms <= atMs))
  if (read.length < databases.length || databases.length === 0 || journal.of('audit.failed').length > 0) return null
  if (caughtUp === undefined || read.some(({ atMs }) => atMs < caughtUp.atMs)) return null
  const held = read.map((audit) => numbersOf(audit.writes))
  const somewhere = (n: number): boolean => held.some((set) => set.has(n))
  const everywhere = (n: number): boolean => held.every((set) => set.has(n))
  const divergent = (n: number): boolean => somewhere(n) && !everywhere(n)
  const writes = requests.filter(({ op }) => op === 'write')
  // One that is recorded twice counts twice, as it does among the acknowledged; such a journal is refused.
  const told = (outcome: string): number[] => writes.filter((write) => write.outcome === outcome).map(({ n }) => n)
  const sent = new Set(writes.map(({ n }) => n))
  const stored = [...new Set(held.flatMap((set) => [...set]))]
  const invariants = read.flatMap((audit) => audit.invariants)
  return {
    lostWrites: told('acked').filter((n) => !everywhere(n)).length,
    resurrectedWrites: told('rejected').filter(somewhere).length,
    unknownStoredWrites: told('unknown').filter(somewhere).length,
    duplicatedWrites: new Set(read.flatMap(({ duplicated }) => duplicated)).size,
    divergentWrites: writes.filter(({ n }) => divergent(n)).length,
    divergentToldWrites: [...told('acked'), ...told('rejected')].filter(divergent).length,
    invariantsHold: invariants.length === 0 ? null : invariants.every(({ holds }) => holds),
    neverSent:
      new Set(read.flatMap(({ unexpected }) => unexpected)).size +
      stored.filter((n) => !sent.has(n) && !mayBeUnrecorded(journal, n)).length,
  }
}

/** "0-811,813" as the numbers themselves. */
function numbersOf(ranges: string): Set<number> {
  const numbers = new Set<number>()
  for (const range of ranges.split(',').filter((text) => text !== '')) {
    const [from = '', to = from] = range.split('-')
    for (let n = Number(from); n <= Number(to); n++) numbers.add(n)
  }
  return numbers
}
