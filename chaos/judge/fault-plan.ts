/**
 * Were the faults those that the scenario asks for: as many, of this kind, on this target, at this moment, for so long?
 * Otherwise the trial measured another outage than its name says. A drill by hand has no plan.
 */
import { messageOf } from '../errors.ts'
import type { RecordedJournal } from '../journal/recorded.ts'
import type { FaultSpec } from '../scenarios/schema.ts'
import { type ResolvedTarget, resolveTarget } from '../topology/resolve.ts'
import { targetWords } from '../topology/target.ts'
import { isMultiPrimary, type Node, nodesOf, type Topology } from '../topology/topology.ts'
import { primaryByRole } from './failover.ts'
import { effectDefect } from './fault-effect.ts'
import { kindDefect } from './fault-kind.ts'
import { type FaultRecord, requestedMs } from './faults.ts'
import { counted, duration } from './figures.ts'
import type { Defect } from './validity-load.ts'
import { nameAmong, optionWords, some } from './words.ts'

/**
 * A fault comes and goes within this time of its plan. In real trials on a busy machine: −1.2 to 0 ms at its request,
 * −1.6 to +131 ms at its heal (23 faults of 19 scenarios).
 */
const offMs = 500
/** Roles that are looked up when a fault is due are looked up this long before, and what it needs is made ready. */
const resolvedBeforeMs = 3_000

export function planDefect(journal: RecordedJournal, faults: readonly FaultRecord[]): Defect {
  const ids = faults.map(({ requested }) => requested.faultId)
  const twice = ids.find((id, i) => ids.indexOf(id) !== i)
  if (twice !== undefined) return `two faults are called ${twice}`
  for (const fault of faults) {
    const { topology } = journal.opened
    const defect =
      effectDefect(fault.requested, topology) ??
      kindDefect(fault.requested, topology) ??
      namedDefect(fault.requested, topology)
    if (defect !== undefined) return `${nameAmong(faults, fault)} contradicts itself: ${defect}`
  }
  return journal.opened.byHand ? undefined : differenceFromPlan(journal, faults)
}

function differenceFromPlan(journal: RecordedJournal, faults: readonly FaultRecord[]): Defect {
  const specs = journal.opened.scenario.faults.toSorted((a, b) => a.atMs - b.atMs)
  // Fewer were not proved: that check tells.
  if (faults.length < specs.length) return undefined
  if (faults.length > specs.length)
    return `${counted(faults.length, 'fault')} ${faults.length === 1 ? 'was' : 'were'} requested, and the scenario asks for ${specs.length}`
  const t0 = requestedMs(faults) ?? 0
  const left = new Set(faults)
  for (const spec of specs) {
    const dueMs = t0 + spec.atMs - (specs[0]?.atMs ?? 0)
    const nearest = [...left].toSorted(
      (a, b) => Math.abs(a.requested.atMs - dueMs) - Math.abs(b.requested.atMs - dueMs),
    )
    const reasons = nearest.map((fault) => differs(journal, fault, { spec, dueMs }))
    const match = nearest[reasons.indexOf(undefined)]
    const [first] = nearest
    if (match !== undefined) left.delete(match)
    else if (first !== undefined) return `${nameAmong(faults, first)} is not what the scenario asks for: ${reasons[0]}`
  }
  return undefined
}

/** How a fault differs from what was planned; undefined where it does not. */
function differs(
  journal: RecordedJournal,
  { requested, healRequestedMs, effectiveMs }: FaultRecord,
  { spec, dueMs }: { spec: FaultSpec; dueMs: number },
): Defect {
  if (requested.fault !== spec.kind) return `it is ${requested.fault} where ${spec.kind} was planned`
  if (!alike(requested.with ?? {}, spec.with ?? {}))
    return `its options are ${optionWords(requested.with)} where ${optionWords(spec.with)} were planned`
  const lateMs = requested.atMs - dueMs
  if (Math.abs(lateMs) > offMs)
    return `it came ${duration(Math.abs(lateMs))} ${lateMs > 0 ? 'later' : 'earlier'} than planned`
  if (healRequestedMs !== null) {
    const lengthMs = healRequestedMs - requested.atMs
    // What takes longer to be proved than it was to last is healed when it is.
    const longestMs = Math.max(spec.forMs, (effectiveMs ?? 0) - requested.atMs)
    if (lengthMs < spec.forMs - offMs || lengthMs > longestMs + offMs)
      return `its heal was requested after ${duration(lengthMs)} where ${duration(spec.forMs)} were planned`
  }
  return targetDefect(journal, requested, spec)
}

/** Its options by names are those that were given: only whom a switchover is to is given by a role. */
function namedDefect({ namedWith, with: given = {} }: FaultRecord['requested'], topology: Topology): Defect {
  if (namedWith === undefined) return undefined
  const { to, ...others } = namedWith
  const { to: asked, ...rest } = given
  if (!alike(others, rest))
    return `its options by names are ${optionWords(namedWith)}, and as given ${optionWords(given)}`
  const isDatabase = nodesOf(topology, 'database').some(({ name }) => name === to)
  if (asked === undefined && to === undefined) return undefined
  return isDatabase && (asked === 'other' || asked === to)
    ? undefined
    : `it is to ${String(asked)}, and by names to ${String(to)}`
}

/**
 * The target is the planned one, and what it means here is what was hit: by the topology, and by who was primary when
 * roles were looked up.
 */
function targetDefect(
  journal: RecordedJournal,
  requested: FaultRecord['requested'],
  { target, resolve }: FaultSpec,
): Defect {
  const { topology } = journal.opened
  const untilMs = resolve === 'due' ? requested.atMs : (journal.of('fault.requested')[0]?.atMs ?? requested.atMs)
  const fromMs = resolve === 'due' ? untilMs - resolvedBeforeMs : untilMs
  const primaries = primariesBetween(journal, fromMs, untilMs)
  const named = hitNode(requested, topology.nodes)
  const reasons: string[] = []
  for (const primary of primaries.length > 0 ? primaries : [undefined]) {
    const roles = {
      primary: nodesOf(topology, 'database').find(({ name }) => name === primary),
      dcsLeader: named?.role === 'dcs' ? named : undefined,
      activeRouter: named?.role === 'router' ? named : undefined,
    }
    let meant: ResolvedTarget
    try {
      meant = resolveTarget(target, topology, roles)
    } catch (error) {
      reasons.push(messageOf(error))
      continue
    }
    const reason = hitDefect(requested, meant)
    if (reason === undefined) return undefined
    reasons.push(primary === undefined ? reason : `${reason} (${primary} was primary then)`)
  }
  return reasons[0]
}

function hitDefect({ target, named, resolved, nodes, links }: FaultRecord['requested'], meant: ResolvedTarget): Defect {
  const planned = `${targetWords(meant.target)} was planned, which is ${meant.name}`
  if (!alike(target, meant.target) && !alike(target, meant.named))
    return `it hit ${targetWords(target)} where ${planned}`
  if (named !== undefined && !alike(named, meant.named)) return `it hit ${targetWords(named)} where ${planned}`
  if (resolved !== undefined && resolved !== meant.name) return `it hit ${resolved} where ${planned}`
  for (const [hit, all] of [
    [nodes, meant.nodes],
    [links, meant.links],
  ] as const) {
    const names = all.map(({ name }) => name)
    const missing = names.filter((name) => !hit.includes(name))
    const strange = hit.filter((name) => !names.includes(name))
    if (hit.length > 0 && missing.length > 0) return `it did not act on ${some(missing)}, which ${meant.name} holds`
    if (strange.length > 0) return `it acted on ${some(strange)}, which ${meant.name} does not hold`
  }
  return undefined
}

/** The node that a fault on one node hit: only the journal's own word says which member leads the DCS. */
function hitNode({ named, nodes }: FaultRecord['requested'], all: readonly Node[]): Node | undefined {
  const name = named?.scope === 'node' ? named.name : nodes[0]
  return all.find((node) => node.name === name)
}

/**
 * The databases that had committed last at some moment in between. Where each takes writes, all that did then; where
 * nobody can be asked to commit, who said that it was primary.
 */
function primariesBetween(journal: RecordedJournal, fromMs: number, untilMs: number): string[] {
  const { topology } = journal.opened
  if (nodesOf(topology, 'database').some(isMultiPrimary)) return acceptingBetween(journal, fromMs, untilMs)
  const commits = journal.of('database.writable').filter(({ accepting, atMs }) => accepting && atMs <= untilMs)
  const before = commits.findLast(({ atMs }) => atMs <= fromMs)
  const names = [...(before ? [before] : []), ...commits.filter(({ atMs }) => atMs > fromMs)].map(({ node }) => node)
  const byRole = [primaryByRole(journal, fromMs), primaryByRole(journal, untilMs)].filter((name) => name !== undefined)
  return [...new Set([...names, ...byRole])]
}

/** As it was known then: that one has ceased is seen a moment later. */
function acceptingBetween(journal: RecordedJournal, fromMs: number, untilMs: number): string[] {
  const accepted = new Set<string>()
  for (const { node, accepting, atMs } of journal.of('database.writable')) {
    if (atMs > untilMs) break
    if (accepting) accepted.add(node)
    else if (atMs <= fromMs) accepted.delete(node)
  }
  return [...accepted]
}

/** Equal as data, whatever the order of keys. */
function alike(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b)
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )
}
