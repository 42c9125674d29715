/** Listens to one region's lookout, and connects anew when it breaks or falls silent. */
import { type ClientRequest, request } from 'node:http'
import { cachedLookup, onLines } from '../beacon/pinger.ts'
import type { LookoutLine } from './lookout.ts'
import type { Place } from './settings.ts'

const retryMs = 200
/** How often the lookout is told that it can be heard: see `deafMs` in lookout.ts. */
const tellMs = 100
/** A stream that says nothing for this long is opened again. */
const silenceMs = 2_000

export class Lookout {
  readonly place: Place
  #line: LookoutLine | undefined
  #heardAtMs = performance.now()
  #open = false
  #stream: ClientRequest | undefined
  #stopped = false
  #timer: NodeJS.Timeout | undefined

  constructor(place: Place) {
    this.place = place
  }

  get line(): LookoutLine | undefined {
    return this.#line
  }

  /** Since its last line, in ms; since the start, where there was none. */
  get ageMs(): number {
    return performance.now() - this.#heardAtMs
  }

  get open(): boolean {
    return this.#open
  }

  start(): void {
    const stream = request(
      {
        host: this.place.name,
        port: this.place.port,
        path: '/stream',
        method: 'POST',
        agent: false,
        lookup: cachedLookup,
      },
      (response) => {
        onLines(response, (text) => this.#read(text))
        response.on('error', () => {})
      },
    )
    const openedAtMs = performance.now()
    const tell = setInterval(() => {
      // Not the socket's own limit: it would count bytes as a sign of life that were written into a link that swallows
      // them.
      if (performance.now() - Math.max(openedAtMs, this.#heardAtMs) > silenceMs) stream.destroy()
      else stream.write('\n')
    }, tellMs)
    stream.on('error', () => {})
    stream.on('close', () => {
      clearInterval(tell)
      this.#open = false
      if (!this.#stopped) this.#timer = setTimeout(() => this.start(), retryMs)
    })
    stream.flushHeaders()
    this.#stream = stream
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#stopped = true
    this.#stream?.destroy()
  }

  /** Makes the lookout look closely at this node for the next second. Its lines show whether it got the message. */
  suspect(node: string): void {
    const order = request(
      {
        host: this.place.name,
        port: this.place.port,
        path: `/suspect?node=${node}`,
        method: 'POST',
        agent: false,
        lookup: cachedLookup,
        timeout: silenceMs,
      },
      (response) => response.resume(),
    )
    order.on('timeout', () => order.destroy())
    order.on('error', () => {})
    order.end()
  }

  #read(text: string): void {
    this.#open = true
    this.#heardAtMs = performance.now()
    try {
      this.#line = JSON.parse(text) as LookoutLine
    } catch {
      // Half a line is a sign of life, and no more.
    }
  }
}
