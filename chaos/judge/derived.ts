/** What several checks need of a journal is worked out once for each. A journal does not change. */
import type { RecordedJournal } from '../journal/recorded.ts'

/** `work`, whose result is kept as long as the journal is. */
export function derived<T extends object>(work: (journal: RecordedJournal) => T): (journal: RecordedJournal) => T {
  const known = new WeakMap<RecordedJournal, T>()
  return (journal) => {
    const before = known.get(journal)
    if (before !== undefined) return before
    const result = work(journal)
    known.set(journal, result)
    return result
  }
}
