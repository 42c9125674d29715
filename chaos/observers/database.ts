/**
 * Asks every database node directly, through its own published port and never through a link: what are you, and do you
 * commit?
 *
 * Two connections a node, for a commit that waits for replication must not hide the role. Role names are not evidence
 * of writability; only an answered commit is. A probe write may wait as long as it likes: an isolated primary under
 * quorum commit never answers it, and that is the right observation.
 */
import pg from 'pg'
import { messageOf } from '../errors.ts'
import { databaseAccess } from '../stack/access.ts'
import type { Node } from '../topology/topology.ts'
import { portOf } from '../topology/topology.ts'
import { every, type Instruments, type Observer, Sampler } from './sampler.ts'

/**
 * Ten times a second. Twice that would see a change 50 ms earlier, and cost a busy world of two cores a tenth of one:
 * each commit is another one that three standbys have to receive.
 */
const intervalMs = 100
/**
 * What is not a primary refuses a write at once and for as long as it is none; asking it some five times a second is
 * enough, for that and for its role, until it changes. So is asking a node that is starting: each answer costs it a
 * process, at a moment when it has other work.
 */
const idleIntervalMs = 150
const connectLimitMs = 1_000
const answerLimitMs = 1_000
/**
 * A probe write that waits longer than this is given up with its connection, so that a wedged one cannot blind us for
 * ever.
 */
const commitLimitMs = 10_000

/** What a node is, and the timeline it is on: null for a standby that receives nothing. */
export const roleQuery = {
  name: 'role',
  text: `select pg_is_in_recovery() as standby,
    case when pg_is_in_recovery() then (select received_tli from pg_stat_wal_receiver)
         else ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::int end as timeline`,
}
const replicationQuery = {
  name: 'replication',
  text: `select application_name as node, state, sync_state as sync, pg_wal_lsn_diff(pg_current_wal_lsn(), flush_lsn)::float8 as lag from pg_stat_replication order by 1`,
}
const writeQuery = {
  name: 'write',
  text: `insert into blackstart.probe (node, n) values (current_setting('blackstart.node', true), 1)
    on conflict (node) do update set n = blackstart.probe.n + 1
    returning ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::int as timeline`,
}

export function observeDatabase(node: Node, instruments: Instruments): Observer {
  const seen: Seen = { role: undefined }
  const stops = [observeRole(node, seen, instruments), observeWrites(node, seen, instruments)]
  return {
    async stop() {
      await Promise.all(stops.map((stop) => stop()))
    },
  }
}

type Role = 'primary' | 'standby' | 'starting' | 'unreachable'
/** What one loop tells the other. */
interface Seen {
  role: Role | undefined
}

function observeRole(node: Node, seen: Seen, { record, now }: Instruments): () => Promise<void> {
  const sampler = new Sampler({
    record,
    now,
    observer: 'database',
    subject: `${node.name} role`,
    intervalMs: idleIntervalMs,
  })
  const connection = new Connection(node)
  let last: { role: Role; timeline: number | null } | undefined
  let lastReplication = ''
  let ticks = 0
  const saw = (role: Role, timeline: number | null, reason?: string) => {
    seen.role = role
    if (last?.role === role && last.timeline === timeline) return
    record({
      kind: 'database.role',
      node: node.name,
      role,
      timeline,
      uncertaintyMs: sampler.sinceMs,
      ...(reason && { reason }),
    })
    last = { role, timeline }
  }
  let askedMs = -Infinity
  const stop = every(intervalMs, async () => {
    if (seen.role !== 'primary' && now() - askedMs < idleIntervalMs) return
    askedMs = now()
    sampler.asked()
    const answer = await connection.ask<{ standby: boolean; timeline: number | null }>(roleQuery, answerLimitMs)
    if (answer.ok) {
      const row = answer.rows[0]
      saw(row?.standby ? 'standby' : 'primary', row?.timeline ?? (row?.standby ? (last?.timeline ?? null) : null))
      sampler.sampled()
      if (row?.standby === false && ticks++ % 10 === 0)
        lastReplication = await seeReplication(node, connection, record, lastReplication)
    } else {
      saw(answer.starting ? 'starting' : 'unreachable', null, answer.reason)
      if (answer.definite) sampler.sampled()
      if (answer.starting || !answer.definite) sampler.silent(answer.reason)
    }
  })
  return async () => {
    stop()
    await connection.close()
    sampler.summarise()
  }
}

async function seeReplication(
  node: Node,
  connection: Connection,
  record: Instruments['record'],
  last: string,
): Promise<string> {
  const answer = await connection.ask<{ node: string; state: string; sync: string; lag: number | null }>(
    replicationQuery,
    answerLimitMs,
  )
  if (!answer.ok) return last
  const standbys = answer.rows.map((row) => ({ node: row.node, state: row.state, sync: row.sync, lagBytes: row.lag }))
  const shape = JSON.stringify(standbys.map((standby) => [standby.node, standby.state, standby.sync]))
  if (shape !== last) record({ kind: 'database.replication', primary: node.name, standbys })
  return shape
}

function observeWrites(node: Node, seen: Seen, { record, now }: Instruments): () => Promise<void> {
  const sampler = new Sampler({
    record,
    now,
    observer: 'database',
    subject: `${node.name} write`,
    intervalMs: idleIntervalMs,
  })
  const connection = new Connection(node)
  let accepting = false
  let timeline: number | null = null
  let lastCommitMs: number | null = null
  const refused = (reason: string) => {
    if (!accepting) return
    record({
      kind: 'database.writable',
      node: node.name,
      accepting: false,
      timeline,
      commitMs: lastCommitMs,
      uncertaintyMs: sampler.sinceMs,
      reason,
    })
    accepting = false
  }
  let askedMs = -Infinity
  const stop = every(intervalMs, async () => {
    if (seen.role !== 'primary' && now() - askedMs < idleIntervalMs) return
    askedMs = now()
    sampler.asked()
    const answer = await connection.ask<{ timeline: number }>(writeQuery, commitLimitMs, (waitedMs) => {
      sampler.silent('the probe write waits for its commit')
      if (waitedMs >= 1_000) refused('no commit for 1 s')
    })
    if (answer.ok && !answer.warning) {
      const row = answer.rows[0]
      lastCommitMs = now()
      if (!accepting || timeline !== (row?.timeline ?? null)) {
        refused('the timeline changed')
        timeline = row?.timeline ?? null
        record({
          kind: 'database.writable',
          node: node.name,
          accepting: true,
          timeline,
          commitMs: lastCommitMs,
          uncertaintyMs: sampler.sinceMs,
        })
        accepting = true
      }
      sampler.sampled()
      return
    }
    const reason = answer.ok ? (answer.warning ?? '') : answer.reason
    refused(reason)
    if (answer.ok || answer.definite) sampler.sampled()
    else sampler.silent(reason)
  })
  return async () => {
    stop()
    refused('the trial ended')
    await connection.close()
    sampler.summarise()
  }
}

type Answer<Row> =
  | { ok: true; rows: Row[]; warning: string | undefined }
  /** `definite`: the node itself (or its absence) said no, so this is a sample and not a gap. */
  | { ok: false; reason: string; definite: boolean; starting: boolean }

/**
 * One connection that opens when needed, is asked one thing at a time, and is thrown away after any failure but a
 * refusal by SQL.
 */
class Connection {
  readonly #node: Node
  #client: pg.Client | undefined
  #warning: string | undefined

  constructor(node: Node) {
    this.#node = node
  }

  async ask<Row>(
    query: { name: string; text: string },
    limitMs: number,
    waiting?: (waitedMs: number) => void,
  ): Promise<Answer<Row>> {
    const startMs = performance.now()
    const watch = waiting && setInterval(() => waiting(performance.now() - startMs), 100)
    try {
      this.#client ??= await this.#open()
      this.#warning = undefined
      const result = await withLimit(limitMs, this.#client.query(query))
      return { ok: true, rows: result.rows as Row[], warning: this.#warning }
    } catch (error) {
      const code = (error as { code?: string }).code ?? ''
      const reason = messageOf(error)
      // 25006: read-only transaction, the standby's honest answer. The connection stays good.
      if (code === '25006') return { ok: false, reason, definite: true, starting: false }
      this.#drop()
      // SQLSTATE from a living server, or the kernel's word that nobody listens; a limit that ran out is neither.
      const definite =
        /^[0-9A-Z]{5}$/.test(code) || /ECONNREFUSED|ECONNRESET|EPIPE|terminated|closed/i.test(`${code} ${reason}`)
      return { ok: false, reason, definite, starting: code === '57P03' }
    } finally {
      clearInterval(watch)
    }
  }

  async close(): Promise<void> {
    this.#drop()
  }

  async #open(): Promise<pg.Client> {
    const client = new pg.Client({
      host: '127.0.0.1',
      port: portOf(this.#node, 'sql'),
      ...databaseAccess(this.#node),
      application_name: 'blackstart observer',
      connectionTimeoutMillis: connectLimitMs,
    })
    // Without a listener a lost connection would end the process; the next question reports it.
    client.on('error', () => {
      if (this.#client === client) this.#client = undefined
    })
    // A warning on commit ("canceling wait for synchronous replication") means committed here, but not known to be
    // elsewhere.
    client.on('notice', (notice) => {
      if (notice.severity === 'WARNING') this.#warning = notice.message
    })
    try {
      await client.connect()
    } catch (error) {
      void client.end().catch(() => {})
      throw error
    }
    return client
  }

  #drop(): void {
    const client = this.#client
    this.#client = undefined
    if (!client) return // Not end(): that would wait for a query that may never be answered.
    ;(client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy()
  }
}

async function withLimit<T>(limitMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  work.catch(() => {})
  try {
    return await Promise.race([
      work,
      new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error(`no answer within ${limitMs / 1000} s`)), limitMs)
      }),
    ])
  } finally {
    clearTimeout(timer)
  }
}
