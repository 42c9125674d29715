/**
 * The rules for the stored data that a stack gives (label `audit.invariants`): which of them were checked, and which are
 * broken. A rule that only some databases were asked for was not checked. Where something else than SQL reads the writes,
 * the databases were asked apart from them.
 */
import type { RecordedJournal } from '../journal/recorded.ts'
import type { EventOf } from '../journal/schema.ts'
import { type Node, nodesOf } from '../topology/topology.ts'
import { readByOthers } from './audit-servers.ts'
import { type Audit, loadEndOf, nobodyLooked, toBeRead } from './audits.ts'
import { moment } from './figures.ts'

export interface Invariants {
  /** How many were checked on every database that was read. */
  checked: number
  /** In words. */
  broken: string[]
  /** Why some were not checked that should have been. */
  unchecked: string | undefined
}

export function invariantsOf(journal: RecordedJournal, audits: readonly Audit[]): Invariants {
  const answers = answersOf(journal, audits)
  const names = new Set(answers.flatMap(({ invariants }) => invariants.map(({ name }) => name)))
  return {
    checked: names.size,
    // Whoever was asked, and however often: what was broken once is broken.
    broken: [
      ...new Set([...audits.flatMap(({ readings }) => readings), ...journal.of('audit.invariants')].flatMap(brokenIn)),
    ],
    unchecked: tooEarly(journal) ?? notAsked(names, answers) ?? notAnswered(journal, answers),
  }
}

/** What a database said of the rules. */
type Answer = Pick<EventOf<'audit.invariants'>, 'node' | 'invariants'>

function brokenIn({ node, invariants }: Answer): string[] {
  return invariants
    .filter(({ holds }) => !holds)
    .map(({ name, detail }) => `"${name}" does not hold on ${node}: ${detail}`)
}

function answersOf(journal: RecordedJournal, audits: readonly Audit[]): Answer[] {
  const read = audits.map(({ node, event: { invariants } }) => ({ node, invariants }))
  if (!askedApart(journal)) return read
  const apart = new Map(journal.of('audit.invariants').map((event): [string, Answer] => [event.node, event]))
  return [...apart.values(), ...read.filter(({ invariants }) => invariants.length > 0)]
}

/** Those that read the writes are not those that know of rules. */
function askedApart(journal: RecordedJournal): boolean {
  const read = toBeRead(journal)
  if (nobodyLooked(journal)) return false
  return readByOthers(journal) || withRules(journal).some(({ name }) => !read.includes(name))
}

function withRules({ opened }: RecordedJournal): Node[] {
  return nodesOf(opened.topology, 'database').filter(({ attributes }) => attributes['audit.invariants'])
}

/** An answer from before the load's end says nothing of what was written after it. */
function tooEarly(journal: RecordedJournal): string | undefined {
  const answers = journal.of('audit.invariants')
  if (answers.length === 0) return undefined
  const { atMs, what } = loadEndOf(journal)
  const early = answers.find(({ snapshotMs }) => snapshotMs < atMs)
  return (
    early &&
    `the invariants of ${early.node} were checked at ${moment(early.snapshotMs)}, before ${what} (${moment(atMs)})`
  )
}

function notAsked(names: ReadonlySet<string>, answers: readonly Answer[]): string | undefined {
  for (const name of names) {
    const without = answers.find(({ invariants }) => !invariants.some((invariant) => invariant.name === name))
    if (without !== undefined) return `"${name}" was not checked on ${without.node}, as it was on others`
  }
  return undefined
}

/** A database whose label gives rules, and whose audit has none of them. */
function notAnswered(journal: RecordedJournal, answers: readonly Answer[]): string | undefined {
  const given = withRules(journal)
  // Of a database that was not read at all, the audits say so; one that was to be asked apart is silent then.
  const silent = given.find(({ name }) => {
    const answer = answers.find(({ node }) => node === name)
    return answer === undefined ? askedApart(journal) : answer.invariants.length === 0
  })
  if (silent !== undefined)
    return `no invariant was checked on ${silent.name}, although its label audit.invariants gives some`
  for (const { name, attributes } of given) {
    const asked = namesIn(attributes['audit.invariants'] ?? '')
    const answered = answers.find(({ node }) => node === name)?.invariants.map((invariant) => invariant.name)
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
