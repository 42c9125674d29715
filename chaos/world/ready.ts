/** Whether a world is ready: asks once, from outside, for everything that a trial relies on. */
import { type Engine, isNode } from '../engine/engine.ts'
import { EnvironmentError } from '../errors.ts'
import { matrixOf } from '../stack/beacon.ts'
import { type DatabaseLook, lookAtDatabase } from '../stack/databases/look.ts'
import { reasonOf, urlOf } from '../stack/http.ts'
import { accepts, staysOpen } from '../stack/ports.ts'
import { askStore, sentinelKnows } from '../stack/redis.ts'
import { toxiproxyVersion } from '../stack/toxiproxy.ts'
import {
  endpointIfAny,
  firstEndpoint,
  isMultiPrimary,
  type Node,
  nodesOf,
  type Topology,
} from '../topology/topology.ts'
import { WaitError, waitUntil } from '../wait.ts'
import { answerWords } from './log-in.ts'

const limitMs = 2_000
const linkLimitMs = 20_000
/** A beacon without a reader opens a fresh connection once a second. */
export const idlePingMs = 2_500

/** What is still missing, one sentence each; empty when the world is ready. */
export async function notReady(topology: Topology): Promise<string[]> {
  const checks = await Promise.all([
    databasesReplicate(topology),
    ...nodesOf(topology, 'app').map(isReady),
    ...topology.nodes.filter((node) => node.attributes['router.entry']).map(isReady),
    ...nodesOf(topology, 'beacon').map((node) => beaconSeesAll(node, topology)),
    ...nodesOf(topology, 'dcs').map((node) => listens(node, 'client')),
    ...nodesOf(topology, 'store').map(storeIsReady),
    ...nodesOf(topology, 'link').map((node) => listens(node, 'api')),
    ...nodesOf(topology, 'arbiter').map((node) => listens(node, 'http')),
  ])
  return checks.flat()
}

/**
 * Waits until the world is ready, and reports to `progress` what it waits for.
 * @throws EnvironmentError with what is missing
 */
export async function untilReady(
  topology: Topology,
  {
    limitMs,
    signal,
    also,
    progress,
  }: {
    limitMs: number
    signal?: AbortSignal | undefined
    /** What else may be missing. */
    also?: () => Promise<string[]>
    progress?: (waitingFor: string[]) => void
  },
): Promise<void> {
  try {
    await waitUntil(
      async () => {
        const missing = [...(await notReady(topology)), ...((await also?.()) ?? [])]
        progress?.(missing)
        return missing.length === 0
          ? { done: true, value: undefined }
          : {
              done: false,
              seen: missing.slice(0, 4).join('; ') + (missing.length > 4 ? `; and ${missing.length - 4} more` : ''),
            }
      },
      { until: `the world ${topology.world} is ready`, limitMs, everyMs: 250, signal },
    )
  } catch (error) {
    throw error instanceof WaitError ? new EnvironmentError(error.message, { cause: error }) : error
  }
}

/**
 * Exactly one primary, and every other database node streams from it, as a quorum or synchronous standby if that is
 * required. Where every member takes writes, all of them do. What a kind of database cannot tell is not waited for.
 */
async function databasesReplicate(topology: Topology): Promise<string[]> {
  const looks = await databasesNow(topology)
  if (looks.length === 0) return []
  const missing = looks.flatMap(({ node, look }) => ('error' in look ? [answerWords(node, look.error)] : []))
  const sound = looks.flatMap(({ node, look }) => ('error' in look ? [] : [{ node, ...look }]))
  if (missing.length > 0) return missing
  if (sound.every(({ node }) => isMultiPrimary(node)))
    return sound.flatMap(({ node, role }) => (role === 'primary' ? [] : [`${node.name} takes no writes`]))
  if (sound.some(({ role }) => role === 'unknown')) return []
  const primaries = sound.filter(({ role }) => role === 'primary')
  const primary = primaries[0]
  if (!primary || primaries.length > 1)
    return [`${primaries.length} primaries (${primaries.map(({ node }) => node.name).join(', ')})`]
  if (primary.standbys === null) return []
  const streaming = primary.standbys.filter((standby) => standby.state === 'streaming')
  const standbys = sound.filter(({ node }) => node !== primary.node)
  const absent = standbys.filter(({ node }) => !streaming.some((standby) => standby.node === node.name))
  // A node that diverged reports "streaming" for moments, on the old timeline.
  const diverged = standbys.filter((standby) => !absent.includes(standby) && standby.timeline !== primary.timeline)
  const strangers = streaming.filter(({ node }) => !sound.some((known) => known.node.name === node))
  return [
    ...absent.map(({ node }) => `${node.name} does not stream from ${primary.node.name}${perhaps(node, strangers)}`),
    ...diverged.map(
      ({ node, timeline }) =>
        `${node.name} is on timeline ${timeline ?? 'unknown'}, ${primary.node.name} on ${primary.timeline}`,
    ),
  ]
}

/** What to do where a standby may be there under another name. */
function perhaps({ name, attributes }: Node, [stranger]: readonly { node: string }[]): string {
  const engine = attributes['database.engine'] ?? 'postgres'
  if (stranger === undefined || engine !== 'postgres') return ''
  return ` by a name that tells it (${stranger.node} streams): let it call itself so, by application_name=${name} in its primary_conninfo`
}

/** Every database, asked directly. */
export function databasesNow(topology: Topology): Promise<{ node: Node; look: DatabaseLook }[]> {
  const nodes = nodesOf(topology, 'database')
  return Promise.all(nodes.map(async (node) => ({ node, look: await lookAtDatabase(node, { limitMs, nodes }) })))
}

/** What the engine's own health checks say, of nodes that have one. */
export async function notHealthy(engine: Engine, world: string): Promise<string[]> {
  return (await engine.containers(world))
    .filter((container) => isNode(container) && container.state === 'running' && container.health !== undefined)
    .filter(({ health }) => health !== 'healthy')
    .map(({ service, health }) => `${service} is ${health === 'starting' ? 'not healthy yet' : 'unhealthy'}`)
}

/** Waits until every link has its proxies. @throws EnvironmentError naming a link that has none */
export async function untilLinksRelay(topology: Topology, { signal }: { signal?: AbortSignal | undefined }) {
  await Promise.all(
    nodesOf(topology, 'link').map((link) =>
      waitUntil(
        async () => {
          try {
            await toxiproxyVersion(link, { limitMs })
            return { done: true, value: undefined }
          } catch (error) {
            return { done: false, seen: reasonOf(error) }
          }
        },
        { until: `${link.name} relays`, limitMs: linkLimitMs, everyMs: 50, signal },
      ).catch((error: unknown) => {
        throw error instanceof WaitError ? new EnvironmentError(error.message, { cause: error }) : error
      }),
    ),
  )
}

/** An app, or a router that clients enter by: both answer for the service as a whole. */
async function isReady(node: Node): Promise<string[]> {
  const shows = node.attributes['ready'] ?? '/readyz'
  if (shows === 'listens') return listensIfAnywhere(node)
  const purpose = node.ports['ready'] === undefined ? 'http' : 'ready'
  // A container that does not run publishes nothing.
  if (endpointIfAny(node, purpose) === undefined) return [`${node.name} does not answer (it publishes no port)`]
  try {
    const response = await fetch(urlOf(node, purpose, shows), { signal: AbortSignal.timeout(limitMs) })
    await response.arrayBuffer()
    return response.ok ? [] : [`${node.name} answers ${response.status} to ${shows}`]
  } catch (error) {
    return [`${node.name} does not answer (${reasonOf(error)})`]
  }
}

/** A node without a port of its own, a worker say, has nothing to show. */
async function listensIfAnywhere(node: Node): Promise<string[]> {
  const isExpected = Object.keys(node.attributes).some((key) => key.startsWith('port.'))
  if (!isExpected) return []
  if (await staysOpen(firstEndpoint(node))) return []
  const port = node.attributes[`port.${Object.keys(node.ports)[0] ?? ''}`]
  return [
    port === undefined
      ? `${node.name} does not listen (it publishes no port)`
      : `${node.name} does not listen at ${port}`,
  ]
}

async function beaconSeesAll(node: Node, topology: Topology): Promise<string[]> {
  if (endpointIfAny(node, 'status') === undefined) return [`${node.name} does not answer (it publishes no port)`]
  try {
    const { peers } = await matrixOf(node, { limitMs })
    const expected = topology.links
      .filter((link) => link.sites.includes(node.site))
      .map((link) => (link.sites[0] === node.site ? link.sites[1] : link.sites[0]))
    const deaf = expected.filter((peer) => {
      const ways = peers[peer]
      return !ways || [ways.existing, ways.fresh].some((ping) => ping.ageMs === null || ping.ageMs > idlePingMs)
    })
    return deaf.length > 0 ? [`${node.site} does not hear ${deaf.join(', ')}`] : []
  } catch (error) {
    return [`${node.name} does not answer (${reasonOf(error)})`]
  }
}

/**
 * Redis: `-LOADING` is an answer, too, but the node does not serve yet. A sentinel can replace the primary only when it
 * knows a replica, and learns that from the primary, once in 10 s.
 */
async function storeIsReady(node: Node): Promise<string[]> {
  const watched = node.attributes['store.watches']
  return watched === undefined ? redisIsReady(node) : sentinelIsReady(node, watched)
}

async function redisIsReady(node: Node): Promise<string[]> {
  const answer = await askStore(node, ['PING'], { limitMs })
  if (answer === 'none') return [`${node.name} does not answer to PING`]
  if ('refused' in answer) return [`${node.name} answers "-${answer.refused}" to PING`]
  return answer.said === 'PONG' ? [] : [`${node.name} answers "${String(answer.said)}" to PING`]
}

async function sentinelIsReady(node: Node, watched: string): Promise<string[]> {
  const knows = await sentinelKnows(node, watched, { limitMs })
  if (knows === undefined) return [`${node.name} does not answer`]
  const hasAny = (what: string) => Number(knows.get(what) ?? 0) > 0
  if (!hasAny('num-slaves')) return [`${node.name} knows no replica of ${watched}`]
  return hasAny('num-other-sentinels') ? [] : [`${node.name} knows no other sentinel of ${watched}`]
}

async function listens(node: Node, purpose: string): Promise<string[]> {
  return (await accepts(endpointIfAny(node, purpose))) ? [] : [`${node.name} does not listen`]
}

/** Whether one of these lines is about this node, and not about one whose name only begins like it. */
export function isAbout(line: string, node: string): boolean {
  return line.startsWith(node) && !/[\w-]/.test(line.charAt(node.length))
}
