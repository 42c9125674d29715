/** The few questions to etcd that the arbiter has, over its JSON gateway. */
import type { Cluster } from './decide.ts'

/** For how long a node to which the key was given may leave it without a lease of its own, in seconds. */
const givenForS = 5
/** A token is not taken (401), or taken for older than the list of users (400). */
const refusals = [401, 400]

export interface KeyValue {
  value: string
  revision: string
}

/** Patroni's keys at one revision of the store. A revision of '0' stands for a key that is not there. */
export interface Snapshot {
  cluster: Cluster
  revisions: { leader: string; sync: string; status: string; failover: string }
}

/** Who asks etcd; undefined where it asks nobody who they are. */
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

  /** Reads Patroni's keys. Unless `stale` is asked for the answer took a majority of the members. */
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
   * Gives the leader key of a primary that is gone to another node, and writes `/sync`, both or neither: only if nobody
   * wrote the leader key, `/sync` or the primary's `/status` since `seen`, nor asked for a switchover. Writing `/sync`
   * also voids what the old primary is about to write there. A wish for a switchover from before ends: whom it was
   * asked of is gone, and the other standbys would sleep on seeing it.
   */
  handOver(successor: string, sync: string, seen: Snapshot): Promise<boolean> {
    return this.#give(successor, seen, ['leader', 'sync', 'status', 'failover'], {
      request_put: { key: this.#key('sync'), value: encode(sync) },
    })
  }

  /**
   * Gives the leader key to another node, as was asked for, and ends the wish: only if nobody wrote the leader key,
   * `/sync` or the wish since `seen`.
   */
  handOverAsAsked(successor: string, seen: Snapshot): Promise<boolean> {
    return this.#give(successor, seen, ['leader', 'sync', 'failover'])
  }

  /**
   * The key is given for a short time: Patroni there puts its own lease under it, or it is free again, for all to race
   * for. Any wish ends.
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
   * Asks with the token that is there, for to get one takes a majority of etcd; with a new one where that is refused:
   * it has run out, or etcd has only now begun to ask for one.
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
    // Patroni leaves an empty one behind when it is done. One that cannot be read is one all the same.
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
