/** Was everything there again when a heal is said to be proved, and did those who use it find it? */
import { deadNodes } from '../journal/effects.ts'
import type { RecordedJournal } from '../journal/recorded.ts'
import type { EventOf } from '../journal/schema.ts'
import { nodesOf } from '../topology/topology.ts'
import { type FaultRecord, requestedMs } from './faults.ts'
import { duration, moment } from './figures.ts'
import { stateAt, type Watched } from './sightings.ts'
import type { ValidityInput } from './validity.ts'
import type { Defect } from './validity-load.ts'

/** The proof looks at the same observers; what they tell stands a little later in the journal. */
const provedWithinMs = 1_500
/** An engine's event may be read a little after what it tells was seen. */
export const startTellsWithinMs = 1_000
/** A router on a busy host may take an app out once more; so long before the end it had not taken it in again. */
const unusedMostMs = 10_000

/** Of the last fault to heal: others may still hold what an earlier one let go. */
export function cameBackDefect(
  { journal, faults, isServiceMissed }: Pick<ValidityInput, 'journal' | 'faults' | 'isServiceMissed'>,
  watched: readonly Watched[],
): Defect {
  const healed = faults.flatMap((fault) => (fault.healedMs === null ? [] : [{ fault, healedMs: fault.healedMs }]))
  const last = healed.toSorted((a, b) => b.healedMs - a.healedMs)[0]
  if (last === undefined) return undefined
  const databases = new Set(nodesOf(journal.opened.topology, 'database').map(({ name }) => name))
  for (const thing of watched) {
    // A database that was started may recover for a while; that it streams again is told elsewhere.
    if (thing.node !== undefined && databases.has(thing.node)) continue
    const seen = stateAt(thing, last.healedMs)
    if (seen === undefined || seen.isUp || seen.atMs < last.fault.requested.atMs) continue
    const back = thing.sightings.find(({ atMs, isUp }) => isUp && atMs > last.healedMs)
    if (back !== undefined && back.atMs - last.healedMs > provedWithinMs)
      return `${thing.node === undefined ? `"${thing.name}" held` : `${thing.name} was there`} again only ${duration(back.atMs - last.healedMs)} after the heal is said to be proved`
  }
  // Where a promise was missed and nobody is served any more, what was broken did not bring the system back.
  const unused =
    isServiceMissed && !servedAfter(journal, last.healedMs) ? undefined : unusedDefect(journal, faults, last.healedMs)
  return earlyAnswer(journal, faults) ?? unused ?? unawareDefect(journal)
}

/** A dead app answers when it was started, and not before: 0.5 s after it at the soonest, in 21 real starts. */
function earlyAnswer({ of, requests }: RecordedJournal, faults: readonly FaultRecord[]): Defect {
  const dead = new Map<string, { fromMs: number; toMs: number }>()
  for (const { node, atMs } of of('node.started')) {
    const fault = faults.findLast(({ requested, healRequestedMs }) => {
      return deadNodes(requested).includes(node) && healRequestedMs !== null && healRequestedMs < atMs
    })
    if (fault !== undefined && !dead.has(node))
      dead.set(node, { fromMs: fault.healRequestedMs ?? 0, toMs: atMs - startTellsWithinMs })
  }
  for (let i = 0; i < requests.length && dead.size > 0; i++) {
    const node = requests.node(i)
    const span = node === undefined ? undefined : dead.get(node)
    const endedMs = requests.endedMs(i)
    if (span !== undefined && endedMs > span.fromMs && endedMs < span.toMs)
      return `${node} answered request ${requests.n(i)} at ${moment(endedMs)}, before it was started again`
  }
  return undefined
}

/** An app that a fault took or cut off, that a router used when it came, and no more from before the heal to the end. */
function unusedDefect(journal: RecordedJournal, faults: readonly FaultRecord[], healedMs: number): Defect {
  const t0Ms = requestedMs(faults) ?? Infinity
  const endMs = journal.of('audit.read').reduce((last, { atMs }) => Math.max(last, atMs), 0)
  if (endMs - healedMs < unusedMostMs) return undefined
  const apps = new Set(nodesOf(journal.opened.topology, 'app').map(({ name }) => name))
  const used = new Set<string>()
  const down = new Map<string, EventOf<'router.server'>>()
  for (const event of journal.of('router.server')) {
    const { router, backend, server, state, atMs } = event
    if (!apps.has(server) || atMs > endMs) continue
    const key = `${router} ${backend} ${server}`
    if (atMs <= t0Ms && state === 'up') used.add(key)
    if (state !== 'down') down.delete(key)
    else if (!down.has(key)) down.set(key, event)
  }
  const unused = [...down].find(
    ([key, event]) => used.has(key) && event.atMs <= healedMs && isTaken(journal, faults, event),
  )?.[1]
  return (
    unused &&
    `${unused.router} used ${unused.server} when the fault came (${unused.backend}), and not from ${moment(unused.atMs)} to the end`
  )
}

function servedAfter({ requests }: RecordedJournal, ms: number): boolean {
  for (let i = requests.length - 1; i >= 0; i--) if (requests.isAcked(i) && requests.endedMs(i) > ms) return true
  return false
}

/** Whether a fault took the app, or cut it off from the router. */
function isTaken(
  { opened: { topology } }: RecordedJournal,
  faults: readonly FaultRecord[],
  { router, server }: EventOf<'router.server'>,
): boolean {
  const siteOf = (name: string): string | undefined => topology.nodes.find((node) => node.name === name)?.site
  const ends = [siteOf(router), siteOf(server)]
  return faults.some(
    ({ requested }) =>
      deadNodes(requested).includes(server) ||
      requested.disturbed?.includes(server) === true ||
      requested.expectGone.edges.some(({ from, to }) => from !== to && ends.includes(from) && ends.includes(to)),
  )
}

/** A member of the DCS that is there again knows who holds the leader key. */
function unawareDefect(journal: RecordedJournal): Defect {
  const endMs = journal.of('audit.read').reduce((last, { atMs }) => Math.max(last, atMs), 0)
  const told = journal.of('dcs.leader').filter(({ atMs }) => atMs <= endMs)
  const newest = told.reduce((revision, event) => Math.max(revision, event.revision), -Infinity)
  const first = told.find(({ revision }) => revision === newest)
  if (first === undefined || endMs - first.atMs < unusedMostMs) return undefined
  const last = new Map(told.map((event) => [event.member, event]))
  const unaware = [...last.values()].find(({ leader }) => leader !== first.leader)
  return (
    unaware &&
    `${unaware.member} told last that ${unaware.leader ?? 'nobody'} holds the leader key, and ${first.leader ?? 'nobody'} did from ${moment(first.atMs)} to the end`
  )
}
