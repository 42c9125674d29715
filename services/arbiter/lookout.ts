/**
 * One a region: what the region sees of the database nodes. It looks after its own all the time, and after another
 * region's when the arbiter suspects one of them.
 *
 *   GET  /stream              one JSON line every 100 ms, until the reader leaves
 *   POST /stream              the same, for a reader that keeps sending: where nothing of it arrives any more, the lines say so
 *   POST /suspect?node=NAME   look at this node too, closely, for the next second
 *
 * SITE=east PORT=7301 DATABASES=east/pg-east-a:8401,west/pg-west-a:8403
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Asker, ageOf, type Report } from './asker.ts'
import { type Place, parsePlaces, required } from './settings.ts'
import { Stalls } from './stalls.ts'

/**
 * In ms: between lines; between looks at the region's own nodes; the same while a node is suspected; between looks at a
 * suspect.
 */
const lineMs = 100
const ownMs = 250
const closeMs = 150
const suspectMs = 75
/**
 * A suspicion that nobody repeats for this long is over. Each look costs some processor time of a node that may be
 * about to take over.
 */
const suspicionMs = 1_000

export interface NodeLine {
  site: string
  /** Since it last answered, in ms; null if it never did. */
  silentMs: number | null
  /** Nobody listens at its port. */
  refused: boolean
  /** Questions since it was suspected, and for how long they have been in vain, in ms. */
  asked: number
  vainMs: number
  streamedMs: number | null
  grewMs: number | null
  report: Report | null
}

export interface LookoutLine {
  site: string
  stalledMs: number
  /**
   * Since anything arrived from a reader that keeps sending, in ms; null where there was no such reader. It tells of a
   * region that is heard and hears nobody.
   */
  deafMs: number | null
  nodes: Record<string, NodeLine>
}

interface Watched extends Place {
  asker: Asker
  suspectedAtMs: number | null
}

function isSuspected({ suspectedAtMs }: Watched): boolean {
  return (ageOf(suspectedAtMs) ?? Infinity) < suspicionMs
}

/** Keeps the readers of the stream, and tells them what is known of the nodes. */
class Lookout {
  readonly readers = new Set<ServerResponse>()
  readonly #site: string
  readonly #nodes: readonly Watched[]
  readonly #stalls = new Stalls()
  #heardAtMs: number | null = null

  constructor(site: string, nodes: readonly Watched[]) {
    this.#site = site
    this.#nodes = nodes
  }

  answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://lookout')
    const node = this.#nodes.find(({ name }) => name === searchParams.get('node'))
    if (pathname === '/stream') {
      if (request.method === 'POST') this.#hear(request)
      response.writeHead(200, { 'content-type': 'application/x-ndjson' })
      response.write(this.#line())
      this.readers.add(response)
      response.on('close', () => this.readers.delete(response))
    } else if (request.method === 'POST' && pathname === '/suspect' && node) {
      if (!isSuspected(node)) node.asker.restart()
      node.suspectedAtMs = performance.now()
      response.writeHead(204).end()
    } else {
      response.writeHead(404).end('lookout: GET or POST /stream, or POST /suspect?node=<database node>\n')
    }
  }

  tell(): void {
    if (this.readers.size === 0) return
    const text = this.#line()
    for (const reader of this.readers) {
      // A reader that does not read is cut off, so that nothing is buffered for it.
      if (reader.writableLength > 100_000) reader.destroy()
      else reader.write(text)
    }
  }

  #hear(request: IncomingMessage): void {
    request
      .on('data', () => {
        this.#heardAtMs = performance.now()
      })
      .on('error', () => {})
  }

  #line(): string {
    const shown = this.#nodes.filter((node) => node.site === this.#site || isSuspected(node))
    const content: LookoutLine = {
      site: this.#site,
      stalledMs: this.#stalls.worstMs,
      deafMs: ageOf(this.#heardAtMs),
      nodes: Object.fromEntries(shown.map((node) => [node.name, nodeLine(node)])),
    }
    return `${JSON.stringify(content)}\n`
  }
}

function nodeLine({ site, asker }: Watched): NodeLine {
  return {
    site,
    silentMs: asker.silentMs,
    refused: asker.refused,
    asked: asker.asked,
    vainMs: asker.vainMs,
    streamedMs: asker.streamedMs,
    grewMs: asker.grewMs,
    report: asker.report ?? null,
  }
}

function main(): void {
  const site = required('SITE')
  const nodes = parsePlaces('DATABASES', process.env['DATABASES']).map(
    (place): Watched => ({
      ...place,
      asker: new Asker({ host: place.name, port: place.port }),
      suspectedAtMs: null,
    }),
  )
  const lookout = new Lookout(site, nodes)
  const server = createServer((request, response) => lookout.answer(request, response))
  // A reader that keeps sending never ends its request.
  server.requestTimeout = 0

  setInterval(() => lookout.tell(), lineMs)
  setInterval(() => {
    for (const node of nodes) if (node.site === site && lookout.readers.size > 0) node.asker.ask('/patroni')
  }, ownMs)
  setInterval(() => {
    // The nodes that may take over must be known as well as the one that they replace.
    if (nodes.some(isSuspected))
      for (const node of nodes) if (node.site === site && !isSuspected(node)) node.asker.ask('/patroni')
  }, closeMs)
  setInterval(() => {
    for (const node of nodes) if (isSuspected(node)) node.asker.ask(node.site === site ? '/patroni' : '/liveness')
  }, suspectMs)
  server.listen(Number(required('PORT')), '0.0.0.0')
  process.once('SIGTERM', () => process.exit(0))
}

if (import.meta.main) main()
