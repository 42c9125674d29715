/** What is known of each node at this moment, from what observers saw and what faults act on it. Pure. */
import type { SystemState } from '../journal/system.ts'
import { counted } from '../report/format.ts'
import type { Node, Topology } from '../topology/topology.ts'

/**
 * `broken`: gone, or acted upon by a fault that lasts. `unseen`: nobody looks at it, or has not yet; that is not well.
 */
export type Health = 'well' | 'broken' | 'unseen'

export interface NodeView {
  name: string
  role: string
  site: string
  zone: string | null
  health: Health
  /** It accepts writes, as a probe saw. */
  writable: boolean
  /** It holds the leader key. */
  leads: boolean
  /** In sentences, for people: the short one for the map first. */
  words: string[]
}

/** Fault → which nodes it acts on, and what it is called. */
export interface ActingFault {
  name: string
  nodes: readonly string[]
}

export function nodesSeen(topology: Topology, system: SystemState, acting: readonly ActingFault[]): NodeView[] {
  return topology.nodes
    .filter(({ role }) => role !== 'link')
    .map((node) => {
      const seen = sightOf(node, system)
      const by = acting.filter(({ nodes }) => nodes.includes(node.name)).map(({ name }) => name)
      return {
        name: node.name,
        role: node.role,
        site: node.site,
        zone: node.zone ?? null,
        health: by.length > 0 ? 'broken' : seen.health,
        writable: system.databases.get(node.name)?.accepting === true,
        leads: system.leader === node.name,
        words: [...seen.words, ...by.map((name) => `broken by ${name}`)],
      }
    })
}

interface Sight {
  health: Health
  words: string[]
}

const unseen: Sight = { health: 'unseen', words: ['not observed'] }

function sightOf(node: Node, system: SystemState): Sight {
  switch (node.role) {
    case 'database':
      return databaseSight(node.name, system)
    case 'router':
      return routerSight(node.name, system)
    case 'beacon':
      return reachableSight(system.beacons.get(node.site))
    default:
      return serverSight(node.name, system)
  }
}

function databaseSight(name: string, system: SystemState): Sight {
  const state = system.databases.get(name)
  if (state === undefined || (state.role === 'unknown' && !state.accepting)) return unseen
  const words = [state.role === 'unknown' ? 'accepts writes' : state.role]
  if (state.accepting && state.role !== 'unknown') words.push('accepts writes')
  if (state.timeline !== null) words.push(`timeline ${state.timeline}`)
  const follows = system.replication?.standbys.find(({ node }) => node === name)
  if (follows !== undefined && state.role === 'standby') {
    const behind = follows.lagBytes === null ? 'how far behind is not known' : `${lagWords(follows.lagBytes)} behind`
    words.push(`follows ${system.replication?.primary} (${follows.state}, ${follows.sync}), ${behind} when last told`)
  }
  if (system.leader === name) words.push('holds the leader key')
  return { health: state.role === 'unreachable' ? 'broken' : 'well', words }
}

function lagWords(bytes: number): string {
  return counted(bytes, 'byte')
}

function routerSight(name: string, system: SystemState): Sight {
  const reachable = reachableSight(system.routers.get(name))
  if (reachable.health !== 'well') return reachable
  const servers = [...system.servers]
    .filter(([key]) => key.startsWith(`${name} `))
    .map(([key, states]) => {
      const up = [...states].filter(([, state]) => state === 'up').map(([server]) => server)
      return `${key.slice(name.length + 1)}: ${up.length === 0 ? 'no server up' : `${up.join(', ')} up`}`
    })
  return { health: reachable.health, words: [...reachable.words, ...servers] }
}

function reachableSight(reachable: boolean | undefined): Sight {
  if (reachable === undefined) return unseen
  return reachable ? { health: 'well', words: ['answers'] } : { health: 'broken', words: ['does not answer'] }
}

/** Others are seen through the checks of routers alone, of those that answer. */
function serverSight(name: string, system: SystemState): Sight {
  const states = [...system.servers].flatMap(([key, servers]) => {
    const state = servers.get(name)
    const [router = '', backend = ''] = key.split(' ')
    return state === undefined || system.routers.get(router) !== true
      ? []
      : [{ router: `${router} (${backend})`, state }]
  })
  if (states.length === 0) return unseen
  const up = states.filter(({ state }) => state === 'up').map(({ router }) => router)
  if (up.length === states.length) return { health: 'well', words: ['up', `for ${up.join(', ')}`] }
  const down = states.filter(({ state }) => state !== 'up').map(({ router, state }) => `${state} for ${router}`)
  return { health: up.length === 0 ? 'broken' : 'well', words: [up.length === 0 ? 'down' : 'partly up', ...down] }
}
