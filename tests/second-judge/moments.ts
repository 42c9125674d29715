/**
 * When the components noticed, chose, promoted and routed. Only the plain story is told here: the first fault takes the
 * primary away, and exactly one other database takes over. Null for any other.
 */
import type { RecordedJournal } from '../../chaos/journal/recorded.ts'

export interface Moments {
  detectedMs: number
  electedMs: number
  promotedMs: number
  routedMs: number
}

export function momentsOf(journal: RecordedJournal, t0Ms: number): Moments | null {
  const before = journal.of('dcs.leader').findLast(({ atMs }) => atMs <= t0Ms)?.leader
  const after = journal.of('dcs.leader').filter(({ atMs }) => atMs > t0Ms)
  const detected = after.find(({ leader }) => leader !== before)
  const elected = after.find(({ leader }) => leader !== null && leader !== before)
  const reports = journal.of('database.writable').filter(({ accepting }) => accepting)
  const spells = reports.filter(({ commitMs, atMs }) => (commitMs ?? atMs) > t0Ms)
  const [promoted] = spells
  if (!before || !detected || !elected || promoted === undefined || spells.length > 1) return null
  const old = reports.findLast(({ atMs }) => atMs <= t0Ms)
  if (old?.node !== before || (promoted.timeline ?? 0) <= (old.timeline ?? 0)) return null
  if (after.filter(({ leader }) => leader !== null).length > 1 || promoted.node !== elected.leader) return null
  const routedMs = routedTo(promoted.node, journal)
  return routedMs === null
    ? null
    : { detectedMs: detected.atMs, electedMs: elected.atMs, promotedMs: promoted.commitMs ?? promoted.atMs, routedMs }
}

/** The first moment at which every router that answers sends writes there, and nowhere else. */
function routedTo(node: string, journal: RecordedJournal): number | null {
  const routers = journal.opened.topology.nodes.filter(({ role }) => role === 'router').map(({ name }) => name)
  const moments = journal.of('router.server').map(({ atMs }) => atMs)
  const sends = (router: string, atMs: number): boolean => {
    const reached = journal.of('router.reachable').findLast((seen) => seen.router === router && seen.atMs <= atMs)
    const seen = journal.of('router.server').filter((one) => one.router === router && one.writes && one.atMs <= atMs)
    const servers = [...new Set(seen.map(({ server }) => server))]
    const up = servers.filter((server) => seen.findLast((one) => one.server === server)?.state === 'up')
    return reached?.reachable === false || (up.length === 1 && up[0] === node)
  }
  return moments.find((atMs) => routers.every((router) => sends(router, atMs))) ?? null
}
