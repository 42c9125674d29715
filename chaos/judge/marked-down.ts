/**
 * A router that takes a server out because of a fault. A server that went for reasons of its own, or one that no
 * client's request goes through, such as a member of the DCS, tells nothing of how long clients waited.
 */
import { deadNodes } from '../journal/effects.ts'
import type { RecordedJournal } from '../journal/recorded.ts'
import type { EventOf } from '../journal/schema.ts'
import type { FaultRecord } from './faults.ts'
import type { Observation } from './observation.ts'

type RouterServer = EventOf<'router.server'>

export interface MarkedDown {
  seen: Observation
  /** When the fault was requested that hit the server; null where none did, and it was the old primary. */
  faultMs: number | null
}

/**
 * The first server that was marked down from a moment on and that clients' requests go through: one that a fault took
 * away, cut off from the router or disturbs, or `primary`, if that is given. A router that was just reached reports all
 * its states again, so a server counts only if it was up before.
 */
export function firstMarkedDown(
  journal: RecordedJournal,
  faults: readonly FaultRecord[],
  { fromMs, primary }: { fromMs: number; primary: string | null },
): MarkedDown | null {
  const serves = serversOfClients(journal)
  const wasUp = new Set<string>()
  for (const event of journal.of('router.server')) {
    const key = `${event.router} ${event.backend} ${event.server}`
    if (event.state === 'down' && event.atMs >= fromMs && wasUp.has(key) && serves(event)) {
      const fault = faults.find((candidate) => lasts(candidate, event.atMs) && hits(journal, candidate, event))
      if (fault !== undefined || event.server === primary) {
        const { router, atMs, uncertaintyMs } = event
        return {
          seen: { atMs, observer: `router probe of ${router}`, uncertaintyMs },
          faultMs: fault?.requested.atMs ?? null,
        }
      }
    }
    if (event.state === 'up') wasUp.add(key)
    else wasUp.delete(key)
  }
  return null
}

/** Whether a fault took away a server that a router could mark down: then it is missed if no router was seen to do so. */
export function serverTaken(journal: RecordedJournal, faults: readonly FaultRecord[]): boolean {
  const serves = serversOfClients(journal)
  return journal
    .of('router.server')
    .some(
      (event) =>
        event.state === 'up' &&
        serves(event) &&
        faults.some((fault) => deadNodes(fault.requested).includes(event.server) || cutsOff(journal, fault, event)),
    )
}

/** Writes go through it, or it is an app or a database. */
function serversOfClients({ opened }: RecordedJournal): (event: RouterServer) => boolean {
  const carry = new Set(
    opened.topology.nodes.filter(({ role }) => role === 'app' || role === 'database').map(({ name }) => name),
  )
  return ({ writes, server }) => writes || carry.has(server)
}

function lasts({ requested, healedMs }: FaultRecord, atMs: number): boolean {
  return requested.atMs <= atMs && atMs <= (healedMs ?? Infinity)
}

function hits(journal: RecordedJournal, fault: FaultRecord, event: RouterServer): boolean {
  const { requested } = fault
  const touched = [...requested.nodes, ...(requested.disturbed ?? []), ...deadNodes(requested)]
  return touched.includes(event.server) || cutsOff(journal, fault, event)
}

/** A cut in either direction: an answer that is lost is none. */
function cutsOff({ opened }: RecordedJournal, { requested }: FaultRecord, { router, server }: RouterServer): boolean {
  const siteOf = (name: string): string | undefined => opened.topology.nodes.find((node) => node.name === name)?.site
  const [here, there] = [siteOf(router), siteOf(server)]
  return requested.expectGone.edges.some(
    ({ from, to }) => (from === here && to === there) || (from === there && to === here),
  )
}
