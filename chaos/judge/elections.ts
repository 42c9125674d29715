/**
 * How many leaders the DCS elected, by its Raft terms (Ongaro and Ousterhout, "In search of an understandable consensus
 * algorithm", 2014, section 5.1). Each leader has a term of its own, terms only rise, and a leader begins its term with an
 * entry. What members tell is the term of the last entry that they have applied. So each term that was told had a leader;
 * and there were at most as many as the term rose by. It may rise by more: a member that stands and is not elected takes
 * a term, too.
 *
 * At T0 the term is the highest that a majority had told by then; that may be some 0.15 s old. In the end a majority was
 * asked for it.
 */
import type { RecordedJournal } from '../journal/recorded.ts'
import type { Objectives } from '../scenarios/schema.ts'
import { nodesOf } from '../topology/topology.ts'
import { counted, times } from './figures.ts'
import type { Finding, Measured } from './finding.ts'
import type { Verdict } from './verdict.ts'
import { some } from './words.ts'

export interface Elections {
  /** Leaders of whom somebody told. */
  atLeast: number
  /** Null where the term in the end is not known. */
  atMost: number | null
  /** The terms at T0 and in the end, as far as they are known. */
  terms: { from: number; to: number } | null
  /** Why `atMost` is null. */
  unknown: string | undefined
}

export function measureElections(journal: RecordedJournal, requestedMs: number): Elections {
  const told = journal.of('dcs.term')
  const members = nodesOf(journal.opened.topology, 'dcs').map(({ name }) => name)
  const endMs = journal.of('load.ended').at(-1)?.atMs ?? Infinity
  const before = told.filter(({ heardMs }) => heardMs <= requestedMs)
  const silent = members.filter((name) => !before.some(({ member }) => member === name))
  if (members.length === 0 || silent.length >= members.length / 2) {
    const unknown =
      told.length === 0
        ? 'no member of the DCS told its term'
        : `no majority of the DCS told its term before the first fault; not heard: ${some(silent, 4)}`
    return { atLeast: 0, atMost: null, terms: null, unknown }
  }
  const from = highest(before)
  const risen = new Set(told.map(({ term }) => term).filter((term) => term > from))
  const terms = { from, to: highest(told) }
  const isKnown = told.some(({ confirmed, heardMs }) => confirmed === true && heardMs >= endMs)
  return {
    atLeast: risen.size,
    atMost: isKnown ? terms.to - from : null,
    terms,
    unknown: isKnown ? undefined : 'no majority of the DCS told its term when the load had ended',
  }
}

function highest(told: readonly { term: number }[]): number {
  return told.reduce((most, { term }) => Math.max(most, term), 0)
}

export function electionFields(elections: Elections | null): Verdict['dcsElections'] {
  if (elections === null || elections.atMost === null) return null
  return { atLeast: elections.atLeast, atMost: elections.atMost }
}

/** More than allowed is too many, whoever did not watch to the end. */
export function dcsElections({ dcsElections: limit }: Objectives, { elections }: Measured): Finding | null {
  if (limit === undefined) return null
  const finding = { name: 'dcs-elections', promise: dcsElectionsPromise(limit), limit, actual: null } as const
  const { terms, atLeast, atMost, unknown } = elections ?? { terms: null, atLeast: 0, atMost: null, unknown: undefined }
  if (terms === null) return { ...finding, verdict: 'inconclusive', evidence: unknown ?? 'not measured' }
  const evidence =
    terms.to === terms.from
      ? `its term was ${terms.from} throughout`
      : `${counted(atLeast, 'leader')} ${atLeast === 1 ? 'was' : 'were'} seen to be elected; its term rose from ${terms.from} to ${terms.to}`
  if (atLeast > limit) return { ...finding, actual: atLeast, verdict: 'missed', evidence }
  if (atMost === null) return { ...finding, verdict: 'inconclusive', evidence: `${unknown}; ${evidence}` }
  if (atMost > limit)
    return { ...finding, verdict: 'inconclusive', evidence: `${evidence}: there may have been ${atMost}` }
  return { ...finding, actual: atLeast, verdict: 'met', evidence }
}

export function dcsElectionsPromise(limit: number): string {
  return limit === 0 ? 'the DCS elects no leader anew' : `the DCS elects a leader at most ${times(limit)}`
}
