/**
 * Asks every database node directly, at its published port and never over a link, for its role and for a commit.
 *
 * Two connections to each node, so that a commit that waits for replication does not delay the answer about the role.
 * Role names are not evidence that a node accepts writes; only an answered commit is. A probe write may wait for as
 * long as it takes: a primary that is cut off never answers it under quorum commit, and that is correct.
 */
import { replicationQuery, roleQuery, writeQuery } from '../stack/postgres.ts'
import { DatabaseConnection } from '../stack/postgres-connection.ts'
import type { Node } from '../topology/topology.ts'
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
const answerLimitMs = 1_000
/**
 * A probe write that waits longer than this is given up with its connection, so that a wedged one cannot blind us for
 * ever.
 */
const commitLimitMs = 10_000

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
/** What one loop passes to the other. */
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
  const connection = new DatabaseConnection(node)
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
  connection: DatabaseConnection,
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
  const connection = new DatabaseConnection(node)
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
