/**
 * One a site. Beacons ping each other over every link, on existing and on fresh connections, and publish what they see.
 *
 *   GET /stream   one JSON line every 100 ms, until the reader leaves
 *   GET /matrix   the same line once
 *   GET /rate?from=west&bytes=65536   has another site send so many bytes over the link: {"bytes":65536,"ms":812.3}
 *
 * A line holds ages, not times, so that nobody has to agree on a clock; `wallMs` is there to check that they do.
 * `peers`: how long ago each peer last answered us (both directions work). `heard`: how long ago a ping of theirs
 * arrived (their direction works, whatever becomes of our answer).
 *
 * SITE=east PING_PORT=7101 STATUS_PORT=7200 PEERS=west=beacon-west:7102,witness=beacon-witness:7103
 */
import { createServer as createHttpServer, type ServerResponse } from 'node:http'
import { createServer } from 'node:net'
import { type Answers, onLines, type Pace, type Peer, Pinger } from './pinger.ts'

/** Between lines while somebody reads the stream. */
const intervalMs = 100
/**
 * Between pings while somebody reads the stream, in ms. Ten edges with a fresh connection every 200 ms took a fifth of
 * a core, out of two, from the nodes under test.
 */
const watched: Pace = { existingMs: 100, freshMs: 400 }
/** Between pings while nobody reads: an idle world should cost next to nothing. */
const idle: Pace = { existingMs: 500, freshMs: 1_000 }
const limitMs = 1_000
/** What one request may have sent, in bytes, and how long it may take. */
const bulkLimit = 4_000_000
const bulkLimitMs = 8_000

function setting(name: string): string {
  const value = process.env[name]
  if (!value) {
    console.error(
      `beacon: ${name} is not set; expected SITE, PING_PORT, STATUS_PORT and PEERS (see services/beacon/beacon.ts)`,
    )
    process.exit(4)
  }
  return value
}

function parsePeers(text: string): Peer[] {
  return text.split(',').map((entry) => {
    const match = /^([\w-]+)=([\w.-]+):(\d+)$/.exec(entry.trim())
    if (!match?.[1] || !match[2]) {
      console.error(`beacon: PEERS holds "${entry}"; expected site=host:port, separated by commas`)
      process.exit(4)
    }
    return { site: match[1], host: match[2], port: Number(match[3]) }
  })
}

const site = setting('SITE')
const pingers = new Map(parsePeers(setting('PEERS')).map((peer) => [peer.site, new Pinger(site, peer, { limitMs })]))
const heardMs = new Map<string, number>()

const pings = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => {})
  onLines(socket, (line) => {
    const [word, sentMs, from] = line.split(' ')
    if (word === 'bulk' && Number(sentMs) > 0) return void socket.end(Buffer.alloc(Math.min(Number(sentMs), bulkLimit)))
    if (word !== 'ping' || !sentMs || !from) return void socket.destroy()
    heardMs.set(from, performance.now())
    socket.write(`pong ${sentMs}\n`)
  })
})

function look(): string {
  const now = performance.now()
  const age = (answers: Answers) => ({
    ageMs: answers.atMs === null ? null : round(now - answers.atMs),
    rttMs: answers.rttMs === null ? null : round(answers.rttMs),
  })
  return JSON.stringify({
    site,
    wallMs: Date.now(),
    peers: Object.fromEntries(
      [...pingers].map(([name, pinger]) => [name, { existing: age(pinger.existing), fresh: age(pinger.fresh) }]),
    ),
    heard: Object.fromEntries([...heardMs].map(([name, atMs]) => [name, round(now - atMs)])),
  })
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10
}

async function answerRate(wish: URLSearchParams, response: ServerResponse): Promise<void> {
  const pinger = pingers.get(wish.get('from') ?? '')
  const bytes = Number(wish.get('bytes'))
  if (!pinger || !(bytes > 0 && bytes <= bulkLimit))
    return void response
      .writeHead(400)
      .end(`beacon: from must be one of ${[...pingers.keys()].join(', ')}, bytes 1 to ${bulkLimit}\n`)
  try {
    const ms = round(await pinger.rate(bytes, bulkLimitMs))
    response.writeHead(200, { 'content-type': 'application/json' }).end(`${JSON.stringify({ bytes, ms })}\n`)
  } catch (error) {
    response.writeHead(504).end(`beacon: ${String(error)}\n`)
  }
}

const streams = new Set<ServerResponse>()
let pacing: Pace | undefined
function pace(): void {
  const wanted = streams.size > 0 ? watched : idle
  if (wanted === pacing) return
  pacing = wanted
  for (const pinger of pingers.values()) pinger.start(wanted)
}

const status = createHttpServer((request, response) => {
  if (request.url === '/stream') {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' })
    response.write(`${look()}\n`)
    streams.add(response)
    pace()
    response.on('close', () => {
      streams.delete(response)
      pace()
    })
  } else if (request.url === '/matrix') {
    response.writeHead(200, { 'content-type': 'application/json' }).end(`${look()}\n`)
  } else if (request.url?.startsWith('/rate?')) {
    void answerRate(new URL(request.url, 'http://beacon').searchParams, response)
  } else {
    response.writeHead(404).end('beacon: GET /stream, /matrix or /rate?from=<site>&bytes=<n>\n')
  }
})
const publishing = setInterval(() => {
  if (streams.size === 0) return
  const line = `${look()}\n`
  for (const stream of streams) {
    // A reader that does not read is cut off, so that nothing is buffered for it.
    if (stream.writableLength > 1_000_000) stream.destroy()
    else stream.write(line)
  }
}, intervalMs)

pings.listen(Number(setting('PING_PORT')), '0.0.0.0')
status.listen(Number(setting('STATUS_PORT')), '0.0.0.0')
pace()

process.once('SIGTERM', () => {
  clearInterval(publishing)
  for (const pinger of pingers.values()) pinger.stop()
  process.exit(0)
})
