/**
 * The state of the system after the latest event: who leads, who is primary and accepts writes, which links answer,
 * what routers believe. The run's proofs and the live terminal both read it here.
 */
import type { EventOf, JournalEvent } from './schema.ts'

export interface DatabaseState {
  role: string
  timeline: number | null
  accepting: boolean
}

export class SystemState {
  leader: string | null | undefined
  #leaderRevision = -1
  readonly databases = new Map<string, DatabaseState>()
  /** "east>west" → per kind of connection whether it answers. */
  readonly edges = new Map<string, { existing?: boolean; fresh?: boolean }>()
  /** "east>west" → whether west hears pings from east. */
  readonly heard = new Map<string, boolean>()
  readonly beacons = new Map<string, boolean>()
  /** "router backend" → server → state. */
  readonly servers = new Map<string, Map<string, string>>()
  readonly routers = new Map<string, boolean>()
  /** Node → when the engine last said that it was started or thawed. */
  readonly started = new Map<string, number>()
  /** Whether anybody was seen to take a write, or to refuse one. */
  areWritesSeen = false
  replication: Extract<JournalEvent, { kind: 'database.replication' }> | undefined

  /** True for the first report of a change: several members report the same leader, some later than others. */
  isNews(event: EventOf<'dcs.leader'>): boolean {
    return event.revision >= this.#leaderRevision && event.leader !== this.leader
  }

  see(event: JournalEvent): void {
    switch (event.kind) {
      case 'dcs.leader':
        if (event.revision < this.#leaderRevision) return
        this.#leaderRevision = event.revision
        this.leader = event.leader
        return
      case 'database.role':
        return void this.databases.set(event.node, {
          ...this.#database(event.node),
          role: event.role,
          timeline: event.timeline,
        })
      case 'database.writable':
        this.areWritesSeen = true
        return void this.databases.set(event.node, { ...this.#database(event.node), accepting: event.accepting })
      case 'database.replication':
        this.replication = event
        return
      case 'beacon.edge': {
        const key = `${event.from}>${event.to}`
        return void this.edges.set(key, { ...this.edges.get(key), [event.connection]: event.up })
      }
      case 'beacon.heard':
        return void this.heard.set(`${event.from}>${event.at}`, event.heard)
      case 'beacon.reachable':
        return void this.beacons.set(event.site, event.reachable)
      case 'node.started':
        return void this.started.set(event.node, event.atMs)
      case 'router.reachable':
        return void this.routers.set(event.router, event.reachable)
      case 'router.server': {
        const key = `${event.router} ${event.backend}`
        const servers = this.servers.get(key) ?? new Map<string, string>()
        servers.set(event.server, event.state)
        return void this.servers.set(key, servers)
      }
    }
  }

  #database(node: string): DatabaseState {
    return this.databases.get(node) ?? { role: 'unreachable', timeline: null, accepting: false }
  }
}
