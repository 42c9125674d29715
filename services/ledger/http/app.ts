import { STATUS_CODES } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import Fastify, { LogController } from 'fastify'
import type { Config } from '../config.ts'
import type { Caller } from '../database/within-deadline.ts'
import type { Ledger, ReadFrom } from '../ledger.ts'
import type { ReadinessStatus } from '../readiness.ts'
import type { AccountCache } from '../store/cache.ts'
import type { Sessions } from '../store/sessions.ts'
import { InFlight } from './in-flight.ts'
import type { Metrics } from './metrics.ts'
import { nameDatabase, Refusal, refusalFor, sendTransfer } from './replies.ts'
import { ageOf, BODY_MAX_BYTES, parseAccountId, parseKey, parseOrder, parsePosition, parseSession } from './requests.ts'

export interface AppOptions {
  config: Pick<Config, 'region' | 'zone' | 'node' | 'queueMax' | 'logLevel'>
  ledger: Ledger
  /** Absent where there is no store. */
  cache?: AccountCache | undefined
  sessions: Sessions
  readiness: { readonly status: ReadinessStatus; readonly draining: boolean }
  metrics: Metrics
}

export interface App {
  server: FastifyInstance
  inFlight: InFlight
}

/** The HTTP side: routes, and the promise that every answer, errors included, is JSON and says who gave it. */
export function buildApp({ config, ledger, cache, sessions, readiness, metrics }: AppOptions): App {
  const identity = {
    'x-blackstart-region': config.region,
    'x-blackstart-zone': config.zone,
    'x-blackstart-node': config.node,
  }
  const inFlight = new InFlight(config.queueMax)

  const fail = (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    let refusal = refusalFor(error)
    if (refusal === undefined) {
      request.log.error({ err: error }, 'a request failed in a way that was not foreseen')
      refusal = new Refusal(500, 'internal', 'this is a defect of the service; its log says more')
    }
    if (refusal.status >= 503) reply.header('retry-after', '1')
    return reply.code(refusal.status).headers(identity).send({ code: refusal.code, reason: refusal.message })
  }

  const server = Fastify({
    logger: { level: config.logLevel, base: { region: config.region, zone: config.zone, node: config.node } },
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_MAX_BYTES,
    // Longer than any key, so that a bad key is answered as such and not as an unknown route.
    routerOptions: { maxParamLength: 8_192 },
    // A client that sends its request drop by drop is cut off. Answers are bounded by the deadlines.
    requestTimeout: 10_000,
    // Beyond the time for which proxies keep idle connections (HAProxy: 5 to 60 s), so that they close first: the other
    // way round a request can meet a closing connection.
    keepAliveTimeout: 65_000,
    // Connections that are still alive while draining get an answer, not a blunt 503.
    return503OnClosing: false,
    frameworkErrors: fail,
    clientErrorHandler(error, socket) {
      if (!socket.writable) {
        socket.destroy()
        return
      }
      const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400
      const body = JSON.stringify({ code: 'http_invalid', reason: 'this is not a complete HTTP request' })
      const headers = {
        ...identity,
        'content-type': 'application/json',
        'content-length': String(body.length),
        connection: 'close',
      }
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
      socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`)
    },
  })

  server.addHook('onRequest', async (_request, reply) => {
    reply.headers(identity)
  })
  server.addHook('onSend', async (_request, reply) => {
    // While draining each answer also ends its connection. When the listener stops, hardly any connection is left, and
    // so no request can arrive on one that is being closed.
    if (readiness.draining) reply.header('connection', 'close')
  })
  server.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none'
    metrics.request({ route, method: request.method, status: reply.statusCode }, reply.elapsedTime)
  })
  server.setErrorHandler(fail)
  server.setNotFoundHandler((request, reply) =>
    fail(new Refusal(404, 'route_unknown', `there is no ${request.method} on this path`), request, reply),
  )

  server.post('/transfers', async (request, reply) => {
    const key = parseKey(request.headers['idempotency-key'], 'the header Idempotency-Key')
    const order = parseOrder(key, request.body)
    const { position, token } = sessionOf(request)
    const result = await inFlight.run(async () => {
      const result = await ledger.transfer(order, {
        position: position !== undefined || token !== undefined,
        caller: callerOf(request, reply),
      })
      // Nobody waits for it: a replica of the store hears of it later still.
      if (result.outcome === 'completed') void cache?.forget(order.from, order.to)
      if (token !== undefined && result.position !== undefined)
        reply.header('x-blackstart-session', await sessions.remember(token, result.position))
      return result
    })
    return sendTransfer(reply, order, result)
  })

  // Whoever carries the position knows it best. A session that nobody can tell anything of just now reads where all
  // that it wrote must be.
  const readFrom = async ({ position, token }: SessionHeaders, reply: FastifyReply): Promise<ReadFrom> => {
    if (position !== undefined || token === undefined) return { after: position }
    const recalled = await sessions.recall(token)
    reply.header('x-blackstart-session', recalled.result)
    if (recalled.result === 'away') return { primary: true }
    return { after: recalled.result === 'known' ? recalled.position : undefined }
  }

  server.get<{ Params: { key: string } }>('/transfers/:key', async (request, reply) => {
    const key = parseKey(request.params.key, 'the key')
    const headers = sessionOf(request)
    const { value, answeredBy } = await inFlight.run(async () =>
      ledger.findTransfer(key, await readFrom(headers, reply)),
    )
    nameDatabase(reply, answeredBy)
    if (value === undefined)
      throw new Refusal(404, 'transfer_unknown', 'no transfer has this key on the database that answered')
    return value
  })

  server.get<{ Params: { id: string } }>('/accounts/:id', async (request, reply) => {
    const id = parseAccountId(request.params.id)
    const headers = sessionOf(request)
    const cached = headers.position === undefined && headers.token === undefined ? cache : undefined
    const { value, answeredBy } = await inFlight.run(async () => {
      if (!cached) return ledger.findAccount(id, await readFrom(headers, reply))
      const found = await cached.find(id, () => ledger.findAccount(id))
      reply.header('x-blackstart-cache', found.cache)
      return found
    })
    nameDatabase(reply, answeredBy)
    if (value === undefined) throw new Refusal(404, 'account_unknown', `there is no account ${id}`)
    return value
  })

  server.get('/livez', async () => ({ live: true }))

  server.get('/readyz', async (_request, reply) => {
    const { status } = readiness
    if (!status.ready) throw new Refusal(503, status.code, status.reason)
    nameDatabase(reply, status.answeredBy)
    return { ready: true }
  })

  server.get('/metrics', async (_request, reply) => {
    reply.header('content-type', metrics.registry.contentType)
    return metrics.registry.metrics()
  })

  return { server, inFlight }
}

function callerOf(request: FastifyRequest, reply: FastifyReply): Caller {
  const left = new AbortController()
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) left.abort()
  })
  return { ageMs: ageOf(request.headers['x-request-start']), left: left.signal }
}

interface SessionHeaders {
  position: string | undefined
  token: string | undefined
}

/** @throws Refusal */
function sessionOf({ headers }: FastifyRequest): SessionHeaders {
  return {
    position: parsePosition(headers['x-blackstart-position']),
    token: parseSession(headers['x-blackstart-session']),
  }
}
