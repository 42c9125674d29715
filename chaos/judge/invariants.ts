/**
 * The rules for the stored data that a stack gives (label `audit.invariants`): which of them were checked, and which are
 * broken. A rule that only some databases were asked for was not checked.
 */
import type { RecordedJournal } from '../journal/recorded.ts'
import { nodesOf } from '../topology/topology.ts'
import type { Audit } from './audits.ts'

export interface Invariants {
  /** How many were checked on every database that was read. */
  checked: number
  /** In words. */
  broken: string[]
  /** Why some were not checked that should have been. */
  unchecked: string | undefined
}

export function invariantsOf(journal: RecordedJournal, audits: readonly Audit[]): Invariants {
  const names = new Set(audits.flatMap(({ event }) => event.invariants.map(({ name }) => name)))
  return {
    checked: names.size,
    broken: audits.flatMap(({ node, event }) =>
      event.invariants
        .filter(({ holds }) => !holds)
        .map(({ name, detail }) => `"${name}" does not hold on ${node}: ${detail}`),
    ),
    unchecked: notAsked(names, audits) ?? notAnswered(journal, audits),
  }
}

function notAsked(names: ReadonlySet<string>, audits: readonly Audit[]): string | undefined {
  for (const name of names) {
    const without = audits.find(({ event }) => !event.invariants.some((invariant) => invariant.name === name))
    if (without !== undefined) return `"${name}" was not checked on ${without.node}, as it was on others`
  }
  return undefined
}

/** A database whose label gives rules, and whose audit has none of them. */
function notAnswered(journal: RecordedJournal, audits: readonly Audit[]): string | undefined {
  const given = nodesOf(journal.opened.topology, 'database').filter(({ attributes }) => attributes['audit.invariants'])
  const silent = given.find(({ name }) =>
    audits.some(({ node, event }) => node === name && event.invariants.length === 0),
  )
  if (silent !== undefined)
    return `no invariant was checked on ${silent.name}, although its label audit.invariants gives some`
  for (const { name, attributes } of given) {
    const asked = namesIn(attributes['audit.invariants'] ?? '')
    const answered = audits.find(({ node }) => node === name)?.event.invariants.map((invariant) => invariant.name)
    const missing = answered === undefined ? undefined : asked.find((each) => !answered.includes(each))
    if (missing !== undefined)
      return `"${missing}" was not checked on ${name}, and its label audit.invariants asks for it`
  }
  return undefined
}

/** The rules of a label of the usual form: select 'name' …; of others nothing is known. */
function namesIn(label: string): string[] {
  return [...label.matchAll(/\bselect\s+'([^']*)'/gi)].map(([, name = '']) => name)
}
