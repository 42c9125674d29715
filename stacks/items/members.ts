/** Several servers of which one at a time is used: the first that says that it takes writes, for as long as it does. */
import { setTimeout as pause } from 'node:timers/promises'

export interface Server {
  /** host:port */
  name: string
  /** Says so on a connection of its own, which requests that hang do not occupy. */
  takesWrites(signal: AbortSignal): Promise<boolean>
  close(): Promise<void>
}

export class Members<S extends Server> {
  readonly #servers: readonly S[]
  readonly #taking = new Set<S>()
  readonly #closing = new AbortController()
  #used: { server: S; gone: AbortController } | undefined

  constructor(servers: readonly S[], { everyMs, limitMs }: { everyMs: number; limitMs: number }) {
    this.#servers = servers
    for (const server of servers) void this.#watch(server, everyMs, limitMs)
  }

  /**
   * Asks the server that is used now. Its signal aborts also when that server stops taking writes, or falls silent: a
   * request to a region that was cut off would otherwise wait for all of its time.
   */
  async use<T>(work: (server: S, signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
    if (!this.#used) throw new Error(`none of ${this.#servers.map(({ name }) => name).join(', ')} takes writes`)
    return await work(this.#used.server, AbortSignal.any([signal, this.#used.gone.signal]))
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await Promise.all(this.#servers.map((server) => server.close()))
  }

  async #watch(server: S, everyMs: number, limitMs: number): Promise<void> {
    while (!this.#closing.signal.aborted) {
      const takes = await server.takesWrites(AbortSignal.timeout(limitMs)).catch(() => false)
      if (takes) this.#taking.add(server)
      else this.#taking.delete(server)
      this.#choose()
      await pause(everyMs, undefined, { signal: this.#closing.signal }).catch(() => {})
    }
  }

  #choose(): void {
    const before = this.#used?.server
    if (before && this.#taking.has(before)) return
    this.#used?.gone.abort(new Error(`${before?.name} does not take writes any more`))
    const server = this.#servers.find((each) => this.#taking.has(each))
    this.#used = server && { server, gone: new AbortController() }
    if (server !== before) console.log(server ? `${server.name} takes writes` : 'nobody takes writes')
  }
}
