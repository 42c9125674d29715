/**
 * A stand-in for the whole system under test, which stops, stalls or fails at planned moments and writes down what it
 * did and when: the truth that a calibration measures against. It runs in a container of its own, is given to Node on
 * standard input, and imports nothing else of ours.
 *
 *     stop   refuses connections and closes those that there are
 *     stall  accepts, and answers only when the outage is over
 *     fail   answers two of three requests with 503
 *
 * It writes one JSON object a line. Moments are on the wall clock, in milliseconds since the epoch, with fractions.
 * `fromMs` is before its first act, `actedMs` after it: a stop closes hundreds of connections, which takes some
 * milliseconds, and the kernel learns of all of them at the end. `toMs` is when it answers again, `answeredMs` when it
 * has answered all that waited: in a stall, hundreds of them. `lateMs` is by how much it missed its own plan at either
 * end: then it had to wait for a processor, and may have been late to do what it says.
 */
import { createServer, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

interface Planned {
  kind: 'stop' | 'stall' | 'fail'
  /** After the first request that arrives. */
  atMs: number
  forMs: number
}

const plan = JSON.parse(process.env['PLAN'] ?? '[]') as Planned[]
const port = Number(process.env['PORT'] ?? 8080)
/** Finer than Date.now(), and on the same clock. */
const wallMs = (): number => performance.timeOrigin + performance.now()
const tell = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`)

const sockets = new Set<Socket>()
const held: ServerResponse[] = []
let now: Planned['kind'] | undefined
let begun = false
let inOutage = 0
/** Answers that it gave, and that a client was there to take. */
const given = { served: 0, refused: 0 }

function answer(response: ServerResponse, status: number): void {
  // A client that gave up meanwhile closed the connection.
  if (response.destroyed || response.socket?.destroyed !== false) return
  given[status < 400 ? 'served' : 'refused']++
  response
    .writeHead(status, {
      'content-type': 'application/json',
      'x-blackstart-node': 'stub',
      'x-blackstart-region': 'stub',
      'x-blackstart-database': 'stub',
    })
    .end('{}')
}

const server = createServer((request, response) => {
  if (!begun) {
    begun = true
    tell({ is: 'first', atMs: wallMs() })
    begin(wallMs())
  }
  request.resume()
  if (now === 'stall') held.push(response)
  else answer(response, now === 'fail' && inOutage++ % 3 < 2 ? 503 : request.method === 'POST' ? 201 : 200)
})
server.keepAliveTimeout = 0
server.on('connection', (socket) => {
  sockets.add(socket)
  socket.on('close', () => sockets.delete(socket))
})

const acts: Record<Planned['kind'], { start(): void; end(done: () => void): void }> = {
  stop: {
    start() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
    end: (done) => void server.listen(port, done),
  },
  stall: {
    start: () => {},
    end: (done) => done(),
  },
  fail: {
    start() {
      inOutage = 0
    },
    end: (done) => done(),
  },
}

function begin(firstMs: number): void {
  for (const { kind, atMs, forMs } of plan) {
    setTimeout(
      () => {
        const fromMs = wallMs()
        let actedMs = fromMs
        now = kind
        // Before the first act: closing hundreds of connections takes some milliseconds, in which nothing is answered.
        setTimeout(() => {
          now = undefined
          acts[kind].end(() => {
            const toMs = wallMs()
            const lateMs = Math.max(fromMs - firstMs - atMs, toMs - fromMs - forMs)
            for (const response of held.splice(0)) answer(response, 200)
            tell({ is: 'outage', kind, fromMs, actedMs, toMs, answeredMs: wallMs(), lateMs })
          })
        }, forMs)
        acts[kind].start()
        actedMs = wallMs()
      },
      firstMs + atMs - wallMs(),
    )
  }
}

process.on('SIGINT', () => {
  process.stdout.write(`${JSON.stringify({ is: 'given', ...given })}\n`, () => process.exit(0))
})
server.listen(port, () => tell({ is: 'ready' }))
