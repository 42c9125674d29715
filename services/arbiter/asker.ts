/**
 * Asks one database node's Patroni, over its REST API, and remembers when it last answered. Any answer is a sign of
 * life.
 */
import { get } from 'node:http'
import { cachedLookup } from '../beacon/pinger.ts'

/** An answer that comes late still counts, so that a slow link is not taken for a dead node. In ms. */
const waitMs = 1_500
/**
 * How many questions may be under way at once: as many as a judgement needs. A node that is slow because its machine is
 * busy must not get more. Patroni starts a thread for each question, and these take processor time from the thread that
 * is to promote the node.
 */
const pendingMax = 3

/** What a node says of itself. */
export interface Report {
  state: string
  role: string
  timeline: number | null
  receivedBytes: number
  streaming: boolean
}

export class Asker {
  readonly #host: string
  readonly #port: number
  #answeredAtMs: number | null = null
  #refusedAtMs: number | null = null
  #asked = 0
  #pending = { count: 0 }
  #restartedAtMs: number | null = null
  #report: Report | undefined
  #streamedAtMs: number | null = null
  #grewAtMs: number | null = null

  constructor({ host, port }: { host: string; port: number }) {
    this.#host = host
    this.#port = port
  }

  /**
   * Since the last answer, in ms; null if there never was one. A node that answered once and now refuses has been
   * silent since its last answer.
   */
  get silentMs(): number | null {
    return ageOf(this.#answeredAtMs)
  }

  /** Whether the last thing heard was that nobody listens there. */
  get refused(): boolean {
    return this.#refusedAtMs !== null && this.#refusedAtMs > (this.#answeredAtMs ?? 0)
  }

  /** Questions since `restart`. */
  get asked(): number {
    return this.#asked
  }

  get report(): Report | undefined {
    return this.#report
  }

  /** Since the node last said that it streams, in ms; null if it never did. */
  get streamedMs(): number | null {
    return ageOf(this.#streamedAtMs)
  }

  /**
   * Since what it streams was last seen to have grown, in ms; null if it never was. A moment before that, its primary
   * was alive.
   */
  get grewMs(): number | null {
    return ageOf(this.#grewAtMs)
  }

  /** Since the last answer or `restart`, whichever is later, in ms: for how long questions have been in vain. */
  get vainMs(): number {
    return performance.now() - Math.max(this.#answeredAtMs ?? 0, this.#restartedAtMs ?? 0)
  }

  /** Counts questions, and time in vain, from now on. */
  restart(): void {
    this.#asked = 0
    // Questions that are still open say nothing about it any more.
    this.#pending = { count: 0 }
    this.#restartedAtMs = performance.now()
  }

  /** `/patroni` tells everything and costs the node a query; `/liveness` costs it nothing. */
  ask(path: '/patroni' | '/liveness'): void {
    const pending = this.#pending
    if (pending.count >= pendingMax) return
    pending.count += 1
    this.#asked += 1
    const request = get(
      {
        host: this.#host,
        port: this.#port,
        path,
        agent: false,
        lookup: cachedLookup,
        timeout: waitMs,
        signal: AbortSignal.timeout(waitMs),
      },
      (response) => {
        this.#answeredAtMs = performance.now()
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          text += chunk
        })
        response.on('end', () => {
          if (path === '/patroni') this.#read(text)
        })
        response.on('error', () => {})
      },
    )
    request.on('close', () => {
      pending.count -= 1
    })
    request.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') this.#refusedAtMs = performance.now()
    })
  }

  #read(text: string): void {
    const report = parseReport(text)
    if (!report) return
    // A node that replays what it already had grows as well, but streams nothing.
    if (report.streaming && this.#report?.streaming && report.receivedBytes > this.#report.receivedBytes)
      this.#grewAtMs = performance.now()
    this.#report = report
    if (report.streaming) this.#streamedAtMs = performance.now()
  }
}

/** Patroni's answer to `/patroni`; undefined where it is not one. */
export function parseReport(text: string): Report | undefined {
  try {
    const {
      state,
      role,
      timeline,
      xlog,
      replication_state: replication,
    } = JSON.parse(text) as {
      state?: string
      role?: string
      timeline?: number
      replication_state?: string
      xlog?: { location?: number; received_location?: number; replayed_location?: number }
    }
    if (typeof state !== 'string' || typeof role !== 'string') return undefined
    return {
      state,
      role,
      timeline: timeline ?? null,
      receivedBytes: xlog?.location ?? Math.max(xlog?.received_location ?? 0, xlog?.replayed_location ?? 0),
      streaming: replication === 'streaming',
    }
  } catch {
    return undefined
  }
}

export function ageOf(atMs: number | null): number | null {
  return atMs === null ? null : performance.now() - atMs
}
