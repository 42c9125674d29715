/** An existing connection that was not answered for this long is opened again, as any client with a limit would. */
const giveUpMs = 2_000

/**
 * Pings one peer, on two kinds of connection, and remembers when each last answered.
 *
 * `existing`: one long-lived connection, pinged again and again; when it breaks or goes silent for good it is opened
 * again. TCP alone would try a silent one more and more seldom, and still be waiting when the link has long been whole.
 * `fresh`: a new connection for every ping, each given `limitMs`; more seldom, for opening one costs more than all else
 * we do. Both are needed: a link that swallows bytes keeps old connections open, one that refuses leaves them alone or
 * cuts them.
 */
import { type LookupAddress, lookup } from 'node:dns'
import { connect, type LookupFunction, type Socket } from 'node:net'
import type { Readable } from 'node:stream'

export interface Answers {
  atMs: number | null
  rttMs: number | null
}

/** Between pings, in ms. */
export interface Pace {
  existingMs: number
  freshMs: number
}

export interface Peer {
  site: string
  host: string
  port: number
}

export class Pinger {
  readonly existing: Answers = { atMs: null, rttMs: null }
  readonly fresh: Answers = { atMs: null, rttMs: null }
  readonly #peer: Peer
  readonly #self: string
  readonly #limitMs: number
  #socket: Socket | undefined
  #openedMs = 0
  #timers: NodeJS.Timeout[] = []

  constructor(self: string, peer: Peer, { limitMs }: { limitMs: number }) {
    this.#self = self
    this.#peer = peer
    this.#limitMs = limitMs
  }

  /** Pings from now on at this pace. Called again, it changes the pace. */
  start({ existingMs, freshMs }: Pace): void {
    this.#clear()
    this.#timers = [setInterval(() => this.#pingExisting(), existingMs), setInterval(() => this.#pingFresh(), freshMs)]
  }

  stop(): void {
    this.#clear()
    this.#socket?.destroy()
  }

  #clear(): void {
    for (const timer of this.#timers) clearInterval(timer)
  }

  #pingExisting(): void {
    if (!this.#socket) {
      const socket = this.#open(this.existing, () => {
        if (this.#socket === socket) this.#socket = undefined
      })
      this.#socket = socket
      this.#openedMs = performance.now()
    }
    const silentMs = performance.now() - Math.max(this.#openedMs, this.existing.atMs ?? 0)
    if (silentMs > giveUpMs) {
      this.#socket.destroy()
      this.#socket = undefined
    } else this.#socket.write(ping(this.#self))
  }

  #pingFresh(): void {
    const socket = this.#open(this.fresh, () => clearTimeout(limit))
    const limit = setTimeout(() => socket.destroy(), this.#limitMs)
    socket.once('data', () => socket.end())
    socket.write(ping(this.#self))
  }

  /**
   * How long the peer's bytes take over the link: milliseconds from the first of them to the last, on a connection of
   * its own.
   */
  rate(bytes: number, limitMs: number): Promise<number> {
    return new Promise((resolve, reject) => {
      const socket = connect({
        host: this.#peer.host,
        port: this.#peer.port,
        noDelay: true,
        family: 4,
        lookup: cachedLookup,
      })
      const limit = setTimeout(
        () => socket.destroy(new Error(`${this.#peer.site} did not send ${bytes} bytes within ${limitMs} ms`)),
        limitMs,
      )
      let left = bytes
      let firstMs: number | undefined
      socket.on('data', (chunk: Buffer) => {
        firstMs ??= performance.now()
        left -= chunk.length
        if (left <= 0) socket.end()
      })
      socket.on('error', reject)
      socket.on('close', () => {
        clearTimeout(limit)
        if (left <= 0 && firstMs !== undefined) resolve(performance.now() - firstMs)
        else reject(new Error(`${this.#peer.site} closed the connection ${left} bytes early`))
      })
      socket.write(`bulk ${bytes}\n`)
    })
  }

  #open(answers: Answers, closed: () => void): Socket {
    const socket = connect({
      host: this.#peer.host,
      port: this.#peer.port,
      noDelay: true,
      family: 4,
      lookup: cachedLookup,
    })
    onLines(socket, (line) => {
      const sentMs = Number(line.split(' ')[1])
      if (!Number.isFinite(sentMs)) return
      answers.atMs = performance.now()
      answers.rttMs = answers.atMs - sentMs
    })
    // The error itself is ignored: the matrix shows that no answer comes.
    socket.on('error', () => {})
    socket.once('close', closed)
    return socket
  }
}

function ping(self: string): string {
  return `ping ${performance.now().toFixed(3)} ${self}\n`
}

/** Calls back for each complete line; gives up on a peer that sends none within 4 KiB. */
export function onLines(socket: Readable, line: (text: string) => void): void {
  let rest = ''
  socket.setEncoding('latin1')
  socket.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > 4096) socket.destroy()
    for (const text of lines) line(text)
  })
}

/**
 * Forty new connections a second must not become eighty queries a second to Docker's name server, which all nodes
 * share. And the name of a dead node must not block one of the four threads that resolve names, with all other names
 * waiting behind it. Addresses in a world are fixed, so one answer is good for ever.
 */
const known = new Map<string, string>()
export const cachedLookup: LookupFunction = (host, options, callback) => {
  const address = known.get(host)
  if (address !== undefined) return answer(address)
  lookup(host, { family: 4 }, (error, found) => {
    if (error) return callback(error, '', 4)
    known.set(host, found)
    answer(found)
  })
  function answer(address: string): void {
    if (options.all)
      (callback as unknown as (error: null, addresses: LookupAddress[]) => void)(null, [{ address, family: 4 }])
    else callback(null, address, 4)
  }
}
