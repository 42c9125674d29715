/**
 * How often the DCS elected a leader, by its Raft term (Ongaro and Ousterhout, "In search of an understandable consensus
 * algorithm", 2014, section 5.1): each leader has a term of its own, terms only rise, and whoever is elected is known to a
 * majority. So the highest term of any majority is the DCS's, and the difference of two of them counts the elections in
 * between, however short their leaders lasted, also those that nobody won.
 */
import type { RecordedJournal } from '../journal/recorded.ts'
import type { Objectives } from '../scenarios/schema.ts'
import { nodesOf } from '../topology/topology.ts'
import type { Finding, Measured } from './finding.ts'
import { times } from './objectives-primary.ts'
import { some } from './words.ts'

export interface Elections {
  /** From T0 to the trial's end; null where no majority was heard before the one or after the other. */
  count: number | null
  /** As many at the least: those that somebody told of. */
  atLeast: number
  /** The terms at T0 and at the end, as far as they are known. */
  terms: { from: number; to: number } | null
  /** Why `count` is null. */
  unknown: string | undefined
}

export function measureElections(journal: RecordedJournal, requestedMs: number): Elections {
  const told = journal.of('dcs.term')
  const members = nodesOf(journal.opened.topology, 'dcs').map(({ name }) => name)
  const endMs = journal.of('load.ended').at(-1)?.atMs ?? Infinity
  const before = told.filter(({ heardMs }) => heardMs <= requestedMs)
  const defect =
    told.length === 0
      ? 'no member of the DCS told its term'
      : (minority(members, before, 'before the first fault') ??
        minority(
          members,
          told.filter(({ heardMs }) => heardMs >= endMs),
          'after the load had ended',
        ))
  const known = minority(members, before, '') === undefined
  const terms = known ? { from: highest(before), to: highest(told) } : null
  const atLeast = terms === null ? 0 : terms.to - terms.from
  return { count: defect === undefined ? atLeast : null, atLeast, terms, unknown: defect }
}

function highest(told: readonly { term: number }[]): number {
  return told.reduce((most, { term }) => Math.max(most, term), 0)
}

/** What a minority knows may be of the past. */
function minority(members: readonly string[], told: readonly { member: string }[], when: string): string | undefined {
  const silent = members.filter((name) => !told.some(({ member }) => member === name))
  return members.length - silent.length > members.length / 2
    ? undefined
    : `no majority of the DCS told its term ${when}; not heard: ${some(silent, 4)}`
}

/** More than allowed is too many, whoever did not watch. */
export function dcsElections({ dcsElections: limit }: Objectives, { elections }: Measured): Finding | null {
  if (limit === undefined) return null
  const finding = { name: 'dcs-elections', promise: dcsElectionsPromise(limit), limit, actual: null } as const
  const { terms, atLeast, unknown } = elections ?? { terms: null, atLeast: 0, unknown: 'not measured' }
  if (terms === null || (unknown !== undefined && atLeast <= limit))
    return { ...finding, verdict: 'inconclusive', evidence: unknown ?? 'not measured' }
  return {
    ...finding,
    actual: atLeast,
    verdict: atLeast <= limit ? 'met' : 'missed',
    evidence:
      atLeast === 0
        ? `its term was ${terms.from} throughout`
        : `${unknown === undefined ? '' : 'at least '}${times(atLeast)}: its term was ${terms.from} when the first fault was requested, and ${terms.to} in the end`,
  }
}

export function dcsElectionsPromise(limit: number): string {
  return limit === 0 ? 'the DCS elects no leader anew' : `the DCS elects a leader at most ${times(limit)}`
}
