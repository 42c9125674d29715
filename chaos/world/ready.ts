/** Whether a world is ready: one look at everything a trial relies on, asked from outside. */
import { connect } from 'node:net'
import pg from 'pg'
import { EnvironmentError, messageOf } from '../errors.ts'
import type { BeaconLine } from '../observers/beacons.ts'
import { roleQuery } from '../observers/database.ts'
import { databaseAccess, passwordOf } from '../stack/access.ts'
import { type Node, nodesOf, portOf, type Topology } from '../topology/topology.ts'
import { WaitError, waitUntil } from '../wait.ts'

const limitMs = 2_000
/** A beacon that nobody listens to opens a fresh connection once a second. */
export const idlePingMs = 2_500

/** What is still missing, one sentence each; empty when the world is ready. */
export async function notReady(topology: Topology): Promise<string[]> {
  const checks = await Promise.all([
    databasesReplicate(topology),
    ...nodesOf(topology, 'app').map(appIsReady),
    ...topology.nodes.filter((node) => node.attributes['router.entry']).map(entryAnswers),
    ...nodesOf(topology, 'beacon').map((node) => beaconSeesAll(node, topology)),
    ...nodesOf(topology, 'dcs').map((node) => listens(node, 'client')),
    ...nodesOf(topology, 'store').map(storeIsReady),
    ...nodesOf(topology, 'link').map((node) => listens(node, 'api')),
    ...nodesOf(topology, 'arbiter').map((node) => listens(node, 'http')),
  ])
  return checks.flatMap((check) => check ?? [])
}

/**
 * Waits until the world is ready, telling `progress` what it waits for.
 * @throws EnvironmentError with what is missing
 */
export async function untilReady(
  topology: Topology,
  {
    limitMs,
    signal,
    progress,
  }: { limitMs: number; signal?: AbortSignal | undefined; progress?: (waitingFor: string[]) => void },
): Promise<void> {
  try {
    await waitUntil(
      async () => {
        const missing = await notReady(topology)
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
 * Exactly one primary, and every other database node streams from it as a quorum or synchronous standby where that is
 * asked for.
 */
async function databasesReplicate(topology: Topology): Promise<string[] | undefined> {
  const looks = await databasesNow(topology)
  if (looks.length === 0) return undefined
  const missing = looks.flatMap(({ node, look }) => ('error' in look ? [`${node.name}: ${look.error}`] : []))
  const sound = looks.flatMap(({ node, look }) => ('error' in look ? [] : [{ node, ...look }]))
  const primaries = sound.flatMap(({ node, standbys, timeline }) => (standbys ? [{ node, standbys, timeline }] : []))
  const primary = primaries[0]
  if (missing.length > 0) return missing
  if (!primary || primaries.length > 1)
    return [`${primaries.length} primaries (${primaries.map(({ node }) => node.name).join(', ')})`]
  const streaming = primary.standbys.filter((standby) => standby.state === 'streaming')
  const standbys = sound.filter(({ node }) => node !== primary.node)
  const absent = standbys.filter(({ node }) => !streaming.some((standby) => standby.node === node.name))
  // One that diverged says "streaming" for a moment at a time, on the timeline that was left.
  const diverged = standbys.filter((standby) => !absent.includes(standby) && standby.timeline !== primary.timeline)
  return [
    ...absent.map(({ node }) => `${node.name} does not stream from ${primary.node.name}`),
    ...diverged.map(
      ({ node, timeline }) =>
        `${node.name} is on timeline ${timeline ?? 'unknown'}, ${primary.node.name} on ${primary.timeline}`,
    ),
  ]
}

interface StandbyRow {
  node: string
  state: string
  sync: string
}

type DatabaseLook = { error: string } | { timeline: number | null; standbys: StandbyRow[] | null }

/**
 * Every database, asked directly: its timeline, and who streams from it, which is null where it is a standby itself.
 */
export function databasesNow(topology: Topology): Promise<{ node: Node; look: DatabaseLook }[]> {
  return Promise.all(nodesOf(topology, 'database').map(async (node) => ({ node, look: await lookAt(node) })))
}

async function lookAt(node: Node): Promise<DatabaseLook> {
  // A container that does not run publishes nothing.
  if (node.ports['sql'] === undefined) return { error: 'does not run' }
  const client = databaseClient(node)
  client.on('error', () => {})
  try {
    await client.connect()
    const { rows } = await client.query<{ standby: boolean; timeline: number | null }>(roleQuery)
    const timeline = rows[0]?.timeline ?? null
    if (rows[0]?.standby) return { timeline, standbys: null }
    return {
      timeline,
      standbys: (
        await client.query<StandbyRow>(
          'select application_name as node, state, sync_state as sync from pg_stat_replication',
        )
      ).rows,
    }
  } catch (error) {
    return { error: messageOf(error) }
  } finally {
    void client.end().catch(() => {})
  }
}

/** A client of a database node's own port, with limits on connecting and on every query. */
export function databaseClient(node: Node, queryLimitMs = limitMs): pg.Client {
  return new pg.Client({
    host: '127.0.0.1',
    port: portOf(node, 'sql'),
    ...databaseAccess(node),
    application_name: 'blackstart',
    connectionTimeoutMillis: limitMs,
    query_timeout: queryLimitMs,
  })
}

async function appIsReady(node: Node): Promise<string[] | undefined> {
  return answers(node.name, `http://127.0.0.1:${node.ports['http']}/readyz`)
}

async function entryAnswers(node: Node): Promise<string[] | undefined> {
  return answers(node.name, `http://127.0.0.1:${node.ports['http']}/readyz`)
}

async function answers(name: string, url: string): Promise<string[] | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(limitMs) })
    await response.arrayBuffer()
    return response.ok ? undefined : [`${name} answers ${response.status} to /readyz`]
  } catch (error) {
    return [`${name} does not answer (${messageOf(error instanceof Error && error.cause ? error.cause : error)})`]
  }
}

async function beaconSeesAll(node: Node, topology: Topology): Promise<string[] | undefined> {
  try {
    const response = await fetch(`http://127.0.0.1:${node.ports['status']}/matrix`, {
      signal: AbortSignal.timeout(limitMs),
    })
    const line = (await response.json()) as BeaconLine
    const peers = topology.links
      .filter((link) => link.sites.includes(node.site))
      .map((link) => (link.sites[0] === node.site ? link.sites[1] : link.sites[0]))
    const deaf = peers.filter((peer) => {
      const ways = line.peers[peer]
      return !ways || [ways.existing, ways.fresh].some((ping) => ping.ageMs === null || ping.ageMs > idlePingMs)
    })
    return deaf.length > 0 ? [`${node.site} does not hear ${deaf.join(', ')}`] : undefined
  } catch (error) {
    return [`${node.name} does not answer (${messageOf(error instanceof Error && error.cause ? error.cause : error)})`]
  }
}

/** Whether one of these lines is about this node, and not about one whose name only begins like it. */
export function isAbout(line: string, node: string): boolean {
  return line.startsWith(node) && !/[\w-]/.test(line.charAt(node.length))
}

/**
 * Redis: `-LOADING` is an answer, too, but not one to be served by. A sentinel: it replaces nobody before it knows whom
 * by, which it learns from the primary, once in 10 s.
 */
async function storeIsReady(node: Node): Promise<string[] | undefined> {
  const watches = node.attributes['store.watches']
  if (watches === undefined) {
    const answer = await storeAnswer(node, 'PING')
    if (answer?.startsWith('+PONG')) return undefined
    return [answer ? `${node.name} answers "${answer.trim()}" to PING` : `${node.name} does not answer to PING`]
  }
  const answer = await storeAnswer(node, `SENTINEL MASTER ${watches}`)
  if (answer === undefined) return [`${node.name} does not answer`]
  const knows = (what: string) => new RegExp(`\\$\\d+\\r\\n${what}\\r\\n\\$\\d+\\r\\n[1-9]`).test(answer)
  if (!knows('num-slaves')) return [`${node.name} knows no replica of ${watches}`]
  return knows('num-other-sentinels') ? undefined : [`${node.name} knows no other sentinel of ${watches}`]
}

/** What a node of the store says to one command, for those who know its password. */
async function storeAnswer(node: Node, command: string): Promise<string | undefined> {
  const password = passwordOf(node.attributes['store.password'])
  const answer = await firstAnswer(
    node.ports['redis'],
    `${password === undefined ? '' : login(password)}${command}\r\n`,
    limitMs,
  )
  return answer?.toString().replace(/^\+OK\r\n/, '')
}

/** With its length: a password may be made of anything, spaces and quotes too. */
function login(password: string): string {
  return `*2\r\n$4\r\nAUTH\r\n$${Buffer.byteLength(password)}\r\n${password}\r\n`
}

async function listens(node: Node, purpose: string): Promise<string[] | undefined> {
  return (await accepts(node.ports[purpose])) ? undefined : [`${node.name} does not listen`]
}

/** Whether something accepts connections on this port of 127.0.0.1. A closed port refuses at once. */
export function accepts(port: number | undefined, limitMs = 500): Promise<boolean> {
  if (port === undefined) return Promise.resolve(false)
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    const done = (value: boolean) => {
      socket.destroy()
      resolve(value)
    }
    socket.setTimeout(limitMs, () => done(false))
    socket.once('connect', () => done(true))
    socket.once('error', () => done(false))
  })
}

/**
 * Whether a node says anything at all to a client of its kind within this time: a database to the question for
 * encryption, which it answers before it knows who asks; a router's console to a question about itself; all others to
 * HTTP.
 */
export async function answersAtAll(node: Node, limitMs = 500): Promise<boolean> {
  const [port] = Object.values(node.ports)
  const question =
    port === node.ports['sql'] ? sslRequest : port === node.ports['stats'] ? 'show version\n' : 'GET / HTTP/1.0\r\n\r\n'
  return (await firstAnswer(port, question, limitMs)) !== undefined
}

/** The first bytes that a port of 127.0.0.1 answers to a question; undefined where none come within the limit. */
function firstAnswer(
  port: number | undefined,
  question: string | Buffer,
  limitMs: number,
): Promise<Buffer | undefined> {
  if (port === undefined) return Promise.resolve(undefined)
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    const done = (answer?: Buffer) => {
      clearTimeout(limit)
      socket.destroy()
      resolve(answer)
    }
    const limit = setTimeout(done, limitMs)
    socket.once('connect', () => socket.write(question))
    socket.once('data', done)
    socket.once('error', () => done())
    socket.once('close', () => done())
  })
}

/** PostgreSQL's SSLRequest: its length, and a number that no version has. */
const sslRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])
