/** T5: when all routers that can be expected to send writes to the primary do so, and send them nowhere else. */
import { deadNodes } from '../journal/effects.ts'
import type { RecordedJournal } from '../journal/recorded.ts'
import type { EventOf } from '../journal/schema.ts'
import { nodesOf } from '../topology/topology.ts'
import type { Observation } from './observation.ts'

/** Backend → server → is it up. Backends that carry writes only. */
type Servers = Map<string, Map<string, boolean>>
type RouterEvent = EventOf<'router.server'> | EventOf<'router.reachable'>

/**
 * The first moment from `fromMs` on (the promotion: routing before it leads nowhere) at which the routers agree. Left
 * out are routers that answer no one, those that the faults took down or disturb, and those that they cut off from the
 * primary's site. Null when it was not seen.
 */
export function routedMoment(
  journal: RecordedJournal,
  options: { primary: string; fromMs: number },
): Observation | null {
  const { primary, fromMs } = options
  const gone = goneNodes(journal)
  const excused = excusedRouters(journal, primary, gone)
  const databases = new Set(nodesOf(journal.opened.topology, 'database').map((node) => node.name))
  const routers = new Map<string, Servers>()
  const sendsWrites = (servers: Map<string, boolean>): boolean => {
    const up = [...servers].filter(([, isUp]) => isUp).map(([server]) => server)
    const namesDatabases = [...servers.keys()].some((server) => databases.has(server))
    // A backend of apps cannot tell which database is behind: there it must have live servers only.
    return namesDatabases
      ? up.length === 1 && up[0] === primary
      : up.length > 0 && !up.some((server) => gone.has(server))
  }
  const agreed = (): boolean => {
    const expected = [...routers].filter(([router, backends]) => !excused.has(router) && backends.size > 0)
    return expected.length > 0 && expected.every(([, backends]) => [...backends.values()].every(sendsWrites))
  }

  let before: RouterEvent | undefined
  for (const event of routerEvents(journal)) {
    if (event.atMs > fromMs && agreed()) return observation(before, fromMs)
    apply(routers, event)
    before = event
  }
  return agreed() ? observation(before, fromMs) : null
}

/** The event that made the routers agree; when they agreed before `fromMs`, that moment itself. */
function observation(event: RouterEvent | undefined, fromMs: number): Observation | null {
  if (event === undefined) return null
  return {
    atMs: Math.max(fromMs, event.atMs),
    observer: `router probe of ${event.router}`,
    uncertaintyMs: event.uncertaintyMs,
  }
}

function routerEvents(journal: RecordedJournal): RouterEvent[] {
  return [...journal.of('router.server'), ...journal.of('router.reachable')].toSorted(
    (a, b) => a.atMs - b.atMs || a.seq - b.seq,
  )
}

function apply(routers: Map<string, Servers>, event: RouterEvent): void {
  if (event.kind === 'router.reachable') {
    // What it reported before it fell silent is no longer known; once reachable again it reports everything.
    if (!event.reachable) routers.delete(event.router)
    return
  }
  if (!event.writes) return
  const backends = routers.get(event.router) ?? new Map<string, Map<string, boolean>>()
  routers.set(event.router, backends)
  const servers = backends.get(event.backend) ?? new Map<string, boolean>()
  backends.set(event.backend, servers)
  servers.set(event.server, event.state === 'up')
}

/**
 * Nodes that serve no one: those that refuse, and the frozen, which a router must take out as well. One that is merely
 * disturbed (starved, or between two crashes) may be up, and a router that still uses it is not wrong.
 */
function goneNodes(journal: RecordedJournal): Set<string> {
  return new Set(journal.of('fault.requested').flatMap(deadNodes))
}

function excusedRouters(journal: RecordedJournal, primary: string, gone: ReadonlySet<string>): Set<string> {
  const { nodes } = journal.opened.topology
  const home = nodes.find((node) => node.name === primary)?.site
  const edges = journal.of('fault.requested').flatMap((event) => event.expectGone.edges)
  const disturbed = new Set(journal.of('fault.requested').flatMap((event) => event.disturbed ?? []))
  const cutOff = (site: string): boolean =>
    edges.some(({ from, to }) => (from === site && to === home) || (from === home && to === site))
  return new Set(
    nodes
      .filter(
        (node) => node.role === 'router' && (gone.has(node.name) || disturbed.has(node.name) || cutOff(node.site)),
      )
      .map((node) => node.name),
  )
}
