/** A connection for repeated questions. It is made again whenever it was lost. */
import { messageOf } from '../../errors.ts'
import type { NoAnswer } from './adapter.ts'

/** What an error means. */
export interface Meaning {
  definite: boolean
  starting: boolean
  /** The database answered, and the connection is as good as before. */
  keep: boolean
}

export interface ConnectionKind<Client> {
  /** Calls `lost` when the connection is lost between two questions. */
  open(lost: (client: Client) => void): Promise<Client>
  /** At once, without waiting for a question that may never be answered. */
  destroy(client: Client): void
  meaningOf(error: unknown): Meaning
}

export type Answered<T> = { ok: true; value: T } | (NoAnswer & { error: unknown })

/** It opens when needed, is asked one thing at a time, and is thrown away after any failure but an answer. */
export class Connection<Client> {
  readonly #kind: ConnectionKind<Client>
  #client: Client | undefined

  constructor(kind: ConnectionKind<Client>) {
    this.#kind = kind
  }

  async ask<T>(limitMs: number, question: (client: Client) => Promise<T>): Promise<Answered<T>> {
    try {
      this.#client ??= await this.#kind.open((lost) => {
        if (this.#client === lost) this.#client = undefined
      })
      return { ok: true, value: await withLimit(limitMs, question(this.#client)) }
    } catch (error) {
      const { definite, starting, keep } = this.#kind.meaningOf(error)
      if (!keep) this.close()
      return { ok: false, reason: messageOf(error), definite, starting, error }
    }
  }

  close(): void {
    const client = this.#client
    this.#client = undefined
    if (client !== undefined) this.#kind.destroy(client)
  }
}

/** The kernel's answer that nothing listens there, or a connection that was closed; a time-out is neither. */
export function isGone(error: unknown): boolean {
  const { code = '' } = error as { code?: string }
  return /ECONNREFUSED|ECONNRESET|EPIPE|terminated|closed/i.test(`${code} ${messageOf(error)}`)
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
