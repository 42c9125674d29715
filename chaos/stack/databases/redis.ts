/** Redis or Valkey as a database of a world: one primary and its replicas, with sentinels or without. */
import type { Redis } from 'ioredis'
import { messageOf } from '../../errors.ts'
import type { Node } from '../../topology/topology.ts'
import { passwordOf } from '../access.ts'
import { storeClient } from '../redis.ts'
import type { DatabaseAdapter, Follower, Look, Probe } from './adapter.ts'
import { Connection, isGone, type Meaning } from './connection.ts'
import { followerName } from './followers.ts'

const connectLimitMs = 1_000
/** The session's own limits are shorter; this one is for what nobody waits for any more. */
const commandLimitMs = 60_000
const keysAtOnce = 1_000
/** A node's own key, so that two primaries do not overwrite each other's. */
const probeKey = (node: string): string => `blackstart:probe:${node}`

export const redis: DatabaseAdapter = {
  canProbe: true,
  component: 'redis',
  open(node, nodes) {
    const connection = connectionTo(node)
    const info = (limitMs: number) => connection.ask(limitMs, (client) => client.info('replication'))
    return {
      async look({ limitMs }) {
        const answer = await info(limitMs)
        return answer.ok ? { ok: true, ...lookIn(answer.value) } : answer
      },
      async followers({ limitMs }) {
        const answer = await info(limitMs)
        return answer.ok ? { ok: true, followers: followersIn(answer.value, nodes) } : answer
      },
      async probe({ limitMs }): Promise<Probe> {
        const answer = await connection.ask(limitMs, (client) => client.set(probeKey(node.name), Date.now()))
        if (answer.ok) return { outcome: 'committed', timeline: null }
        const { reason, definite } = answer
        return reason.startsWith('NOPERM')
          ? {
              outcome: 'not tried',
              reason: `${reason}: "ACL SETUSER ${userOf(node)} ~blackstart:probe:* +set" lets Blackstart write a key of its own`,
            }
          : { outcome: 'refused', reason, definite }
      },
      close: () => connection.close(),
    }
  },
  async version(node) {
    const client = await connected(node)
    try {
      return fieldsOf(await client.info('server')).get('redis_version')
    } finally {
      client.disconnect()
    }
  },
  async *written(node, { prefix, what }) {
    const [before = '', after = ''] = what.split('{{key}}')
    const client = await connected(node)
    try {
      const match = `${escaped(before + prefix)}*${escaped(after)}`
      // A key may come twice while the table of keys grows.
      const seen = new Set<string>()
      let cursor = '0'
      do {
        const [next, keys] = await client.scan(cursor, 'MATCH', match, 'COUNT', keysAtOnce)
        for (const key of keys) seen.add(key.slice(before.length, key.length - after.length))
        cursor = next
      } while (cursor !== '0')
      yield* seen
    } finally {
      client.disconnect()
    }
  },
}

/** What `INFO replication` says of the node itself. */
export function lookIn(info: string): Look {
  const fields = fieldsOf(info)
  const role = { master: 'primary', slave: 'standby' } as const
  const said = fields.get('role')
  const isReplica = said === 'slave'
  const offset = fields.get(isReplica ? 'slave_repl_offset' : 'master_repl_offset')
  return {
    role: said === 'master' || said === 'slave' ? role[said] : 'unknown',
    accepts: isReplica && fields.get('slave_read_only') === '1' ? false : null,
    position: offset === undefined ? null : `${fields.get('master_replid') ?? ''}:${offset}`,
    timeline: null,
  }
}

/** And of those that follow it: `slave0:ip=198.18.0.3,port=6379,state=online,offset=14,lag=1`. */
export function followersIn(info: string, nodes?: readonly Node[]): Follower[] {
  const fields = fieldsOf(info)
  const here = Number(fields.get('master_repl_offset'))
  return [...fields].flatMap(([name, value]) => {
    if (!/^slave\d+$/.test(name)) return []
    const { ip, state = '', offset } = Object.fromEntries(value.split(',').map((pair) => pair.split('=', 2)))
    const lag = offset === undefined ? Number.NaN : here - Number(offset)
    return [
      {
        node: followerName({ name: ip, address: ip }, nodes),
        state: state === 'online' ? 'streaming' : state,
        // Redis confirms a write before any replica has it.
        sync: 'async',
        lagBytes: Number.isNaN(lag) ? null : Math.max(0, lag),
      },
    ]
  })
}

function fieldsOf(info: string): Map<string, string> {
  const lines = info.split(/\r?\n/).map((line) => line.split(/:(.*)/s, 2))
  return new Map(lines.flatMap(([name, value]) => (name && value !== undefined ? [[name, value]] : [])))
}

/** As SCAN's pattern means it literally. */
function escaped(text: string): string {
  return text.replaceAll(/[\\*?[\]]/g, '\\$&')
}

function userOf({ attributes }: Node): string {
  return attributes['database.user'] ?? 'default'
}

async function connected(node: Node): Promise<Redis> {
  const client = storeClient(node, { limitMs: connectLimitMs, commandLimitMs })
  const password = passwordOf(node.attributes['database.password'])
  try {
    await client.connect()
    if (password !== undefined) await client.auth(userOf(node), password)
  } catch (error) {
    client.disconnect()
    throw error
  }
  return client
}

function connectionTo(node: Node): Connection<Redis> {
  return new Connection<Redis>({
    async open(lost) {
      const client = await connected(node)
      client.on('close', () => lost(client))
      return client
    },
    destroy: (client) => client.disconnect(),
    meaningOf,
  })
}

/** What an error says of a server. */
export function meaningOf(error: unknown): Meaning {
  const answered = error instanceof Error && error.name === 'ReplyError'
  return { definite: answered || isGone(error), starting: messageOf(error).startsWith('LOADING'), keep: answered }
}
