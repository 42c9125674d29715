import type { LookupFunction } from 'node:net'
import { Socket } from 'node:net'
import type { ClientConfig } from 'pg'
import { Client } from 'pg'
import { sharedLookup } from './lookup.ts'

const lookup = sharedLookup({ patienceMs: 250 })

/** A socket whose host names are resolved by `lookup`; node-postgres itself offers no such option. */
class DatabaseSocket extends Socket {
  readonly #lookup: LookupFunction

  constructor(lookupFunction: LookupFunction) {
    super()
    this.#lookup = lookupFunction
  }

  // node-postgres calls connect(port, host), or connect(path) for a Unix socket.
  override connect(...args: unknown[]): this {
    const [port, host] = args
    if (typeof port === 'number' && typeof host === 'string') return super.connect({ port, host, lookup: this.#lookup })
    throw new TypeError(`connect(port, host) expected, got ${args.length} arguments`)
  }
}

/** A database connection that can be cut off at once, and whose errors never end the process. */
export class LedgerClient extends Client {
  readonly #socket: Socket

  constructor(config: ClientConfig = {}) {
    const socket = new DatabaseSocket(lookup)
    super({ ...config, stream: () => socket })
    this.#socket = socket
    // A connection that breaks emits `error` even while it is checked out of its pool, when nobody else listens, and an
    // `error` without a listener ends the process. The query under way is rejected as well, so nothing is lost here.
    this.on('error', () => {})
  }

  /** Closes the connection without a goodbye: a peer that has stopped answering would not take part in one. */
  destroy(): void {
    this.#socket.destroy()
  }
}
