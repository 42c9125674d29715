/** How many leaders the DCS elected while the trial was measured. */
import type { RecordedJournal } from '../../chaos/journal/recorded.ts'

export interface Elections {
  /** Each term that somebody told of had a leader. */
  proved: number
  /** A leader takes a term of its own; null where the last one is not known. */
  most: number | null
}

/** Null where it is not known at which term it began: who is no majority may have missed the last one. */
export function electionsOf(journal: RecordedJournal, t0Ms: number): Elections | null {
  const told = journal.of('dcs.term')
  const members = journal.opened.topology.nodes.filter(({ role }) => role === 'dcs').map(({ name }) => name)
  const early = told.filter(({ heardMs }) => heardMs <= t0Ms)
  const heard = members.filter((name) => early.some(({ member }) => member === name))
  if (2 * heard.length <= members.length) return null
  const began = Math.max(...early.map(({ term }) => term))
  const later = told.map(({ term }) => term).filter((term) => term > began)
  const [ended] = journal.of('load.ended')
  const last = told.filter(({ confirmed, heardMs }) => confirmed && ended !== undefined && heardMs >= ended.atMs)
  return {
    proved: new Set(later).size,
    most: last.length === 0 ? null : Math.max(began, ...later) - began,
  }
}
