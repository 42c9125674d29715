/**
 * What the observers show at this moment, kept from the journal's own events so that proof and evidence cannot differ.
 */
import type { JournalEvent } from '../journal/schema.ts'

export interface DatabaseView {
  role: string
  timeline: number | null
  accepting: boolean
}

export class View {
  leader: string | null | undefined
  #leaderRevision = -1
  readonly databases = new Map<string, DatabaseView>()
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
  replication: Extract<JournalEvent, { kind: 'database.replication' }> | undefined

  see(event: JournalEvent): void {
    switch (event.kind) {
      case 'dcs.leader':
        // Several members tell the same story, some later than others.
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

  #database(node: string): DatabaseView {
    return this.databases.get(node) ?? { role: 'unreachable', timeline: null, accepting: false }
  }

  /** The node that accepts writes, or says it is primary, right now. */
  primary(): string | undefined {
    const entries = [...this.databases]
    return (entries.find(([, view]) => view.accepting) ?? entries.find(([, view]) => view.role === 'primary'))?.[0]
  }
}
