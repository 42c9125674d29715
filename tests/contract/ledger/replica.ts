import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { freePort } from '../harness/free-port.ts'

const entry = new URL('../../../services/ledger/server.ts', import.meta.url).pathname

export interface Answer {
  status: number
  headers: Headers
  text: string
  tookMs: number
}

/** The service as it is deployed: a process of its own, configured by its environment, reached by HTTP. */
export class Replica implements AsyncDisposable {
  readonly #process: ChildProcess
  readonly url: string
  readonly #output: string[] = []

  private constructor(process: ChildProcess, url: string) {
    this.#process = process
    this.url = url
    process.stdout?.on('data', (chunk: Buffer) => this.#output.push(chunk.toString()))
    process.stderr?.on('data', (chunk: Buffer) => this.#output.push(chunk.toString()))
  }

  /** Does not wait until it is ready. */
  static async start(node: string, env: Record<string, string>): Promise<Replica> {
    const port = await freePort()
    const identity = {
      REGION: 'east',
      ZONE: 'a',
      NODE: node,
      HOST: '127.0.0.1',
      PORT: String(port),
      DRAIN_NOTICE_MS: '300',
    }
    const child = spawn(process.execPath, [entry], { env: { ...identity, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
    return new Replica(child, `http://127.0.0.1:${port}`)
  }

  get output(): string {
    return this.#output.join('')
  }

  get running(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null
  }

  async get(path: string): Promise<Answer> {
    return this.#fetch(path, {})
  }

  async transfer(key: string, order: { from: number; to: number; amount: number }): Promise<Answer> {
    const headers = { 'content-type': 'application/json', 'idempotency-key': key }
    return this.#fetch('/transfers', { method: 'POST', headers, body: JSON.stringify(order) })
  }

  /** Waits until `path` answers with `status`. */
  async until(path: string, status: number, limitMs = 20_000): Promise<Answer> {
    const endsAtMs = performance.now() + limitMs
    let lastSight = 'nothing'
    while (performance.now() < endsAtMs) {
      try {
        const answer = await this.get(path)
        if (answer.status === status) return answer
        lastSight = `${answer.status} ${answer.text}`
      } catch (error) {
        lastSight = error instanceof Error ? `${error.message} ${String(error.cause ?? '')}` : String(error)
      }
      await wait(25)
    }
    throw new Error(
      `gave up after ${limitMs} ms waiting for ${status} from ${path}; last seen: ${lastSight}\n${this.output}`,
    )
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal)
  }

  /** The exit status, or the name of the signal that ended it. */
  async ended(limitMs = 10_000): Promise<number | string> {
    if (this.running) await once(this.#process, 'exit', { signal: AbortSignal.timeout(limitMs) })
    return this.#process.exitCode ?? this.#process.signalCode ?? 'unknown'
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.signal('SIGKILL')
    await this.ended()
  }

  async #fetch(path: string, init: RequestInit): Promise<Answer> {
    const startedMs = performance.now()
    const response = await fetch(this.url + path, { ...init, signal: AbortSignal.timeout(15_000) })
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, tookMs: performance.now() - startedMs }
  }
}
