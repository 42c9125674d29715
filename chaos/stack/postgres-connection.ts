/** A connection for repeated questions to a database. It is made again whenever it was lost. */
import type pg from 'pg'
import { messageOf } from '../errors.ts'
import type { Node } from '../topology/topology.ts'
import { databaseClient } from './postgres.ts'

const observerLimitMs = 1_000

export type Answer<Row> =
  | { ok: true; rows: Row[]; warning: string | undefined }
  /** `definite`: the node itself (or its absence) said no, so this is a sample and not a gap. */
  | { ok: false; reason: string; definite: boolean; starting: boolean }

/**
 * An observer's connection: it opens when needed, is asked one thing at a time, and is thrown away after any failure but a
 * refusal by SQL.
 */
export class DatabaseConnection {
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
      // 25006: read-only transaction, the normal answer of a standby. The connection stays good.
      if (code === '25006') return { ok: false, reason, definite: true, starting: false }
      this.#drop()
      // SQLSTATE from a living server, or the kernel's answer that nothing listens there; a time-out is neither.
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
    const client = databaseClient(this.#node, { connectLimitMs: observerLimitMs, name: 'blackstart observer' })
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
