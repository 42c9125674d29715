/**
 * Silences of observers, and whose they are. One whose reason starts with "subject:" is laid to what was observed, which
 * is the outage itself. Of databases that is believed only as far as nothing else in the journal speaks against it.
 */
import type { RecordedJournal } from '../journal/recorded.ts'
import type { EventOf } from '../journal/schema.ts'
import { nodesOf, tellsRoleOnly } from '../topology/topology.ts'
import { derived } from './derived.ts'
import { duration } from './figures.ts'
import { isOfWrites, nodeOf } from './observers.ts'
import { sortRowsNearlySorted } from './sort.ts'

export const gapLimitMs = 250
/**
 * So long a node may be silent although no fault concerns it: on the busiest hosts it took 0.7 s to answer
 * (docs/decisions.md, "One primary").
 */
const slowestUnharmedMs = 1_500
/** The same of a router, a beacon or a member of the DCS: a router for 1.9 s, on a host without idle time. */
const slowestOtherMs = 2_500

/**
 * A database that tells its role alone may be silent for so long after its heal, where nobody can tell when all is
 * redundant again: the leader of a NATS stream that had been cut off for 40 s answered its monitoring port 15 to 19 s
 * after the heal (n 5, NATS 2.10).
 */
const returnsWithinMs = 30_000

type Gap = EventOf<'observer.gap'>

export interface Silence {
  gap: Gap
  why: string
}

interface Window {
  fromMs: number
  toMs: number
}

/** Gaps that are too long and the instrument's fault, or that are laid to the subject in vain. */
export const unexplainedSilences = derived((journal): readonly Silence[] => {
  const long = journal.of('observer.gap').filter((gap) => gapLength(gap) > gapLimitMs)
  const answers = new Answers(journal)
  const faults = new FaultWindows(journal)
  return long.flatMap((gap) => {
    if (!gap.reason.startsWith('subject:')) return [{ gap, why: gap.reason }]
    const why =
      gap.observer === 'database'
        ? (contradiction(gap, answers, faults) ?? toldRoleMeanwhile(journal, gap))
        : needlessSilence(gap, faults)
    return why === undefined ? [] : [{ gap, why }]
  })
})

/** The same, without the reasons. */
export function unexplainedGaps(journal: RecordedJournal): Gap[] {
  return unexplainedSilences(journal).map(({ gap }) => gap)
}

export function gapLength({ fromMs, toMs }: Window): number {
  return toMs - fromMs
}

/** Why the silence of a database cannot have been its own. */
function contradiction(gap: Gap, answers: Answers, faults: FaultWindows): string | undefined {
  const node = nodeOf(gap)
  // A database that commits again may answer clients first: its observer was blind from then on, and so long any may be.
  const { fromMs, toMs } = gap
  if (isOfWrites(gap) && answers.twoInside(node, { fromMs, toMs: toMs - gapLimitMs }))
    return `it is recorded as silent ("${gap.reason}"), and acknowledged writes of clients meanwhile`
  const unexplainedMs = gapLength(gap) - faults.covers(node, gap)
  return unexplainedMs > slowestUnharmedMs
    ? `it is recorded as silent ("${gap.reason}"), and for ${duration(unexplainedMs)} of that no fault explains it`
    : undefined
}

/**
 * A database that does not say whether it takes writes, and tells its role all the time. Only a primary's commit can wait
 * for others, and one that says it is a standby is none. What a fault acts on itself may answer as it can. In 44 real
 * trials no other database was slow to say it for more than a second, and each whose commit waited was primary.
 */
function toldRoleMeanwhile(journal: RecordedJournal, gap: Gap): string | undefined {
  const node = nodeOf(gap)
  if (!isOfWrites(gap) || journal.of('fault.requested').some((fault) => actsOn(fault, node))) return undefined
  const waits = gap.reason.includes('waits for its commit')
  const silent = journal
    .of('observer.gap')
    .filter((other) => other.observer === 'database' && other.subject === `${node} role`)
  const told = journal.of('database.role').filter((event) => event.node === node)
  const toldMs = told.reduce((sum, { role, atMs }, index) => {
    if (role !== 'standby' && (waits || role !== 'primary')) return sum
    const during = { fromMs: Math.max(gap.fromMs, atMs), toMs: Math.min(gap.toMs, told[index + 1]?.atMs ?? Infinity) }
    const unheardMs = silent.reduce((all, other) => all + sharedMs(other, during), 0)
    return sum + Math.max(0, gapLength(during) - unheardMs)
  }, 0)
  return toldMs > slowestOtherMs
    ? `it is recorded as silent ("${gap.reason}"), and told its role for ${duration(toldMs)} of that`
    : undefined
}

function sharedMs(a: Window, b: Window): number {
  return Math.max(0, Math.min(a.toMs, b.toMs) - Math.max(a.fromMs, b.fromMs))
}

function actsOn({ nodes, disturbed = [], expectGone }: EventOf<'fault.requested'>, node: string): boolean {
  return [...nodes, ...disturbed, ...expectGone.nodes].includes(node)
}

/** Of routers, beacons and members of the DCS, which no fault concerns. The harness's own loop is checked elsewhere. */
function needlessSilence(gap: Gap, faults: FaultWindows): string | undefined {
  if (gap.observer === 'harness') return undefined
  const unexplainedMs = gapLength(gap) - faults.covers(nodeOf(gap), gap)
  return unexplainedMs > slowestOtherMs
    ? `it is recorded as silent ("${gap.reason}"), and for ${duration(unexplainedMs)} of that no fault explains it`
    : undefined
}

/** The writes that each database acknowledged to clients. */
class Answers {
  readonly #journal: RecordedJournal
  readonly #ofNode = new Map<string, { startedMs: Float64Array; second: Float64Array }>()

  constructor(journal: RecordedJournal) {
    this.#journal = journal
  }

  /** Whether two began and ended inside: one may be answered in the moment in which the node falls silent. */
  twoInside(node: string, { fromMs, toMs }: Window): boolean {
    const { startedMs, second } = this.#of(node)
    let low = 0
    let high = startedMs.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((startedMs[middle] ?? Infinity) <= fromMs) low = middle + 1
      else high = middle
    }
    return (second[low] ?? Infinity) < toMs
  }

  /** By their start; and of each and all later ones, the second end. */
  #of(node: string): { startedMs: Float64Array; second: Float64Array } {
    const known = this.#ofNode.get(node)
    if (known !== undefined) return known
    const { requests } = this.#journal
    let count = 0
    // Room that is not used takes no memory.
    const room = new Uint32Array(requests.length)
    for (let i = 0; i < requests.length; i++)
      if (requests.isWrite(i) && requests.database(i) === node && requests.isAcked(i)) room[count++] = i
    const rows = room.subarray(0, count)
    sortRowsNearlySorted(rows, (a, b) => requests.startedMs(a) - requests.startedMs(b))
    const startedMs = new Float64Array(rows.length)
    const second = new Float64Array(rows.length)
    let least = Infinity
    let next = Infinity
    for (let i = rows.length - 1; i >= 0; i--) {
      startedMs[i] = requests.startedMs(rows[i] ?? 0)
      const endedMs = requests.endedMs(rows[i] ?? 0)
      if (endedMs < least) [least, next] = [endedMs, least]
      else next = Math.min(next, endedMs)
      second[i] = next
    }
    const made = { startedMs, second }
    this.#ofNode.set(node, made)
    return made
  }
}

/**
 * When faults may explain that a node does not answer: from the request until the databases are redundant again after
 * the heal. On a busy host a database that was frozen answered six seconds after its heal was proved.
 */
class FaultWindows {
  readonly #journal: RecordedJournal
  readonly #primaries: ReadonlySet<string>
  readonly #overMs: ReadonlyMap<string, number>
  /** Databases that tell their role alone, where nobody can tell when all is redundant again. */
  readonly #tellsRole: ReadonlySet<string>
  readonly #ofNode = new Map<string, Window[]>()

  constructor(journal: RecordedJournal) {
    this.#journal = journal
    this.#primaries = new Set(
      journal.of('database.writable').flatMap(({ node, accepting }) => (accepting ? [node] : [])),
    )
    const redundant = journal.of('redundant').map(({ atMs }) => atMs)
    this.#overMs = new Map(
      journal
        .of('heal.proved')
        .map(({ faultId, atMs }) => [faultId, redundant.find((redundantMs) => redundantMs >= atMs) ?? atMs]),
    )
    this.#tellsRole = new Set(
      redundant.length > 0
        ? []
        : nodesOf(journal.opened.topology, 'database')
            .filter(tellsRoleOnly)
            .map(({ name }) => name),
    )
  }

  /** How much of this time lies within faults that concern the node. */
  covers(node: string, { fromMs, toMs }: Window): number {
    let sum = 0
    let coveredTo = fromMs
    for (const window of this.#of(node)) {
      const endMs = Math.min(toMs, window.toMs)
      sum += Math.max(0, endMs - Math.max(coveredTo, window.fromMs))
      coveredTo = Math.max(coveredTo, endMs)
    }
    return sum
  }

  /** Each commit of a primary waits for others, so every fault concerns it. */
  #of(node: string): Window[] {
    const returnsMs = this.#tellsRole.has(node) ? returnsWithinMs : 0
    const windows =
      this.#ofNode.get(node) ??
      this.#journal
        .of('fault.requested')
        // A control breaks nothing, and explains nothing.
        .filter(({ target }) => target.scope !== 'nothing')
        .filter((fault) => this.#primaries.has(node) || concerns(this.#journal, fault, node))
        .map(({ faultId, atMs }) => ({ fromMs: atMs, toMs: (this.#overMs.get(faultId) ?? Infinity) + returnsMs }))
        .toSorted((a, b) => a.fromMs - b.fromMs)
    this.#ofNode.set(node, windows)
    return windows
  }
}

/** Whether a fault acts on the node, or on a way between its site and another. */
function concerns({ opened: { topology } }: RecordedJournal, fault: EventOf<'fault.requested'>, node: string): boolean {
  const { links, expectGone } = fault
  if (actsOn(fault, node)) return true
  const site = topology.nodes.find(({ name }) => name === node)?.site
  if (site === undefined) return false
  const cut = expectGone.edges.some(({ from, to }) => from === site || to === site)
  return cut || topology.links.some((link) => links.includes(link.name) && link.sites.some((end) => end === site))
}
