/**
 * The state of a world for `status`: which node has which role, and which links answer. Everything is asked once, at
 * the same time.
 */
import { matrixOf, type Ping } from '../stack/beacon.ts'
import { dcsLeader } from '../stack/etcd.ts'
import { accepts } from '../stack/ports.ts'
import { firstEndpoint, nodesOf, type Topology } from '../topology/topology.ts'
import { databasesNow, idlePingMs } from './ready.ts'

const limitMs = 2_000

export interface DatabaseSeen {
  node: string
  role: 'primary' | 'standby' | 'silent'
  timeline: number | null
  /** How the primary calls its standby's connection, "streaming, quorum"; why one does not answer. */
  note: string
}
/**
 * A link as the beacon at its one end sees it: round trips in milliseconds, null when no answer came of late; and what
 * arrives.
 */
export interface Edge {
  from: string
  to: string
  existingMs: number | null
  freshMs: number | null
  hears: boolean
}

export interface WorldLook {
  databases: DatabaseSeen[]
  /** Null where no member leads; absent where the world has no DCS. */
  dcsLeader?: string | null
  /** Routers that clients enter by, and whether they accept connections. */
  entries: { node: string; accepts: boolean }[]
  sites: string[]
  /** Both directions of every link whose beacon could be asked. */
  edges: Edge[]
}

/** Looks at everything at once; takes as long as the slowest answer, two seconds at most. */
export async function lookAt(topology: Topology): Promise<WorldLook> {
  const entries = topology.nodes.filter((node) => node.attributes['router.entry'])
  const [databases, leader, accepting, edges] = await Promise.all([
    databasesSeen(topology),
    dcsLeader(topology),
    Promise.all(entries.map(async (node) => ({ node: node.name, accepts: await accepts(firstEndpoint(node)) }))),
    edgesSeen(topology),
  ])
  const sites = topology.sites
    .map((site) => site.name)
    .filter((site) => topology.links.some((link) => link.sites.includes(site)))
  const hasDcs = nodesOf(topology, 'dcs').length > 0
  return { databases, ...(hasDcs && { dcsLeader: leader?.name ?? null }), entries: accepting, sites, edges }
}

async function databasesSeen(topology: Topology): Promise<DatabaseSeen[]> {
  const looks = await databasesNow(topology)
  const followers = looks.flatMap(({ look }) => ('error' in look ? [] : (look.standbys ?? [])))
  return looks.map(({ node: { name }, look }) => {
    if ('error' in look) return { node: name, role: 'silent', timeline: null, note: look.error }
    if (look.role === 'primary') return { node: name, role: 'primary', timeline: look.timeline, note: '' }
    const followed = followers.find((standby) => standby.node === name)
    return {
      node: name,
      role: 'standby',
      timeline: look.timeline,
      note: followed ? `${followed.state}, ${followed.sync}` : 'not streaming',
    }
  })
}

async function edgesSeen(topology: Topology): Promise<Edge[]> {
  const looks = await Promise.all(
    nodesOf(topology, 'beacon').map(async (node): Promise<Edge[]> => {
      try {
        const { peers, heard } = await matrixOf(node, { limitMs })
        return Object.entries(peers).map(([to, ways]) => ({
          from: node.site,
          to,
          existingMs: recent(ways.existing),
          freshMs: recent(ways.fresh),
          hears: (heard[to] ?? Infinity) <= idlePingMs,
        }))
      } catch {
        return []
      }
    }),
  )
  return looks.flat()
}

function recent({ ageMs, rttMs }: Ping): number | null {
  return ageMs !== null && ageMs <= idlePingMs ? rttMs : null
}
