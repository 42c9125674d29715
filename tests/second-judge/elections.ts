/** How often the DCS elected a leader while the trial was measured. */
import type { RecordedJournal } from '../../chaos/journal/recorded.ts'

export interface Elections {
  /** As many as are proved. */
  proved: number
  /** Whether there cannot have been more. */
  all: boolean
}

/** Null where it is not known at which term it began. */
export function electionsOf(journal: RecordedJournal, t0Ms: number): Elections | null {
  const told = journal.of('dcs.term')
  const [ended] = journal.of('load.ended')
  const members = journal.opened.topology.nodes.filter(({ role }) => role === 'dcs')
  const isMajority = (words: typeof told): boolean =>
    2 * new Set(words.map(({ member }) => member)).size > members.length
  const [before, after] = [told.filter(({ heardMs }) => heardMs <= t0Ms), told.filter(({ heardMs }) => heardMs > t0Ms)]
  if (!isMajority(before)) return null
  const began = Math.max(...before.map(({ term }) => term))
  return {
    proved: Math.max(0, ...after.map(({ term }) => term - began)),
    all: ended !== undefined && isMajority(after.filter(({ heardMs }) => heardMs >= ended.atMs)),
  }
}
