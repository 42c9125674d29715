/** The few requests of the arbiter to etcd, over its JSON gateway. */
import type { Cluster } from './decide.ts'

/** How long the node that got the key may take to put its own lease under it, in seconds. */
const givenForS = 5
/** A token is refused (401), or is older than the list of users (400). */
const refusals = [401, 400]

export interface KeyValue {
  value: string
  revision: string
}

/** Patroni's keys at one revision of the store. A revision of '0' stands for a key that does not exist. */
export interface Snapshot {
  cluster: Cluster
  revisions: { leader: string; sync: string; status: string; failover: string }
}

/** The credentials for etcd; undefined where it asks for none. */
export interface User {
  name: string
  password: string
}

export class Etcd {
  readonly #url: string
  readonly #prefix: string
  readonly #limitMs: number
  readonly #user: User | undefined
  #token: string | undefined

  constructor({
    url,
    prefix,
    limitMs,
    user,
  }: { url: string; prefix: string; limitMs: number; user?: User | undefined }) {
    this.#url = url
    this.#prefix = prefix
    this.#limitMs = limitMs
    this.#user = user
  }

  /** Reads Patroni's keys. The answer is from a majority of the members, unless `stale` is asked for. */
  async read({ stale = false }: { stale?: boolean } = {}): Promise<Snapshot> {
    const end = `${this.#prefix.slice(0, -1)}0`
    const { kvs = [] } = await this.#ask<{ kvs?: { key: string; value: string; mod_revision: string }[] }>(
      '/v3/kv/range',
      { key: encode(this.#prefix), range_end: encode(end), serializable: stale },
    )
    const keys = new Map(
      kvs.map((kv): [string, KeyValue] => [
        decode(kv.key).slice(this.#prefix.length),
        { value: decode(kv.value), revision: kv.mod_revision },
      ]),
    )
    const revisionOf = (key: string): string => keys.get(key)?.revision ?? '0'
    return {
      cluster: clusterOf(keys),
      revisions: {
        leader: revisionOf('leader'),
        sync: revisionOf('sync'),
        status: revisionOf('status'),
        failover: revisionOf('failover'),
      },
    }
  }

  /**
   * Gives the leader key of a primary that is gone to another node, and writes `/sync`: both or neither. Does so only
   * if, since `seen`, nobody wrote the leader key, `/sync` or the primary's `/status`, or asked for a switchover.
   * Writing `/sync` also voids what the old primary is about to write there. An earlier request for a switchover ends:
   * it was addressed to a primary that is gone, and the other standbys would sleep when they see it.
   */
  handOver(successor: string, sync: string, seen: Snapshot): Promise<boolean> {
    return this.#give(successor, seen, ['leader', 'sync', 'status', 'failover'], {
      request_put: { key: this.#key('sync'), value: encode(sync) },
    })
  }

  /**
   * Gives the leader key to another node, as was asked for, and ends the request. Does so only if nobody wrote the
   * leader key, `/sync` or the request since `seen`.
   */
  handOverAsAsked(successor: string, seen: Snapshot): Promise<boolean> {
    return this.#give(successor, seen, ['leader', 'sync', 'failover'])
  }

  /**
   * The key is given for a short time. Patroni on that node puts its own lease under it, or the key is free again and
   * all nodes race for it. Any request for a change ends.
   */
  async #give(
    successor: string,
    seen: Snapshot,
    unchanged: (keyof Snapshot['revisions'])[],
    ...also: object[]
  ): Promise<boolean> {
    const { ID: lease } = await this.#ask<{ ID: string }>('/v3/lease/grant', { TTL: givenForS })
    const { succeeded = false } = await this.#ask<{ succeeded?: boolean }>('/v3/kv/txn', {
      compare: unchanged.map((key) => ({
        key: this.#key(key),
        target: 'MOD',
        result: 'EQUAL',
        mod_revision: seen.revisions[key],
      })),
      success: [
        { request_put: { key: this.#key('leader'), value: encode(successor), lease } },
        { request_delete_range: { key: this.#key('failover') } },
        ...also,
      ],
    })
    return succeeded
  }

  #key(name: string): string {
    return encode(this.#prefix + name)
  }

  /**
   * Asks with the token that it has, because a new one takes a majority of etcd. Where the token is refused it gets a
   * new one: the old one has run out, or etcd has only now begun to ask for one.
   */
  async #ask<Answer>(path: string, body: unknown): Promise<Answer> {
    if (!this.#user) return answerOf(await this.#post(path, body), path)
    this.#token ??= await this.#authenticate(this.#user)
    let response = await this.#post(path, body, this.#token)
    if (refusals.includes(response.status)) {
      this.#token = await this.#authenticate(this.#user)
      response = await this.#post(path, body, this.#token)
    }
    return answerOf(response, path)
  }

  async #authenticate(user: User): Promise<string> {
    const path = '/v3/auth/authenticate'
    return (await answerOf<{ token: string }>(await this.#post(path, user), path)).token
  }

  #post(path: string, body: unknown, token?: string): Promise<Response> {
    return fetch(this.#url + path, {
      method: 'POST',
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(this.#limitMs),
      ...(token && { headers: { authorization: token } }),
    })
  }
}

async function answerOf<Answer>(response: Response, path: string): Promise<Answer> {
  if (!response.ok)
    throw new Error(`etcd answered ${response.status} to ${path}: ${(await response.text()).slice(0, 200)}`)
  return (await response.json()) as Answer
}

/** What Patroni's keys say. Unreadable ones count as absent, which keeps the arbiter from acting. */
export function clusterOf(keys: ReadonlyMap<string, KeyValue>): Cluster {
  const sync = parse(keys.get('sync')?.value) as { leader?: string; sync_standby?: string; quorum?: number } | undefined
  const config = parse(keys.get('config')?.value) as { synchronous_mode?: unknown; pause?: unknown } | undefined
  const failover = parse(keys.get('failover')?.value) as
    | { leader?: string; member?: string; scheduled_at?: string }
    | undefined
  return {
    leader: keys.get('leader')?.value,
    sync: sync?.leader
      ? {
          leader: sync.leader,
          standbys: (sync.sync_standby ?? '').split(',').filter(Boolean),
          quorum: sync.quorum ?? 0,
        }
      : undefined,
    quorumCommit: config?.synchronous_mode === 'quorum',
    paused: config?.pause === true,
    // Patroni leaves an empty request behind when it is done. One that cannot be read still counts as a request.
    wish:
      !keys.has('failover') || keys.get('failover')?.value === '{}'
        ? undefined
        : { leader: failover?.leader || undefined, candidate: failover?.member || undefined },
  }
}

function parse(text: string | undefined): unknown {
  try {
    const value: unknown = JSON.parse(text ?? '')
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64')
}

function decode(text: string): string {
  return Buffer.from(text, 'base64').toString()
}
