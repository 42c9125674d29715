import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance, FastifyReply, FastifyRequest, FastifyServerOptions } from 'fastify'
import Fastify, { LogController } from 'fastify'
import type { Config } from '../config.ts'
import type { Ledger } from '../ledger.ts'
import type { ReadinessStatus } from '../readiness.ts'
import type { AccountCache } from '../store/cache.ts'
import type { Sessions } from '../store/sessions.ts'
import { InFlight } from './in-flight.ts'
import type { Metrics } from './metrics.ts'
import { Refusal, refusalFor } from './replies.ts'
import { BODY_MAX_BYTES } from './requests.ts'
import { addRoutes } from './routes.ts'

export interface AppOptions {
  config: Pick<Config, 'region' | 'zone' | 'node' | 'queueMax' | 'logLevel'>
  ledger: Ledger
  /** Absent where there is no store. */
  cache?: AccountCache | undefined
  sessions: Sessions
  readiness: { readonly status: ReadinessStatus; readonly draining: boolean }
  /** Without them nobody is answered. */
  policies: { readonly known: boolean }
  metrics: Metrics
}

export interface App {
  server: FastifyInstance
  inFlight: InFlight
}

/** The headers that say who answered. */
type Identity = Readonly<Record<string, string>>
type Fail = (error: unknown, request: FastifyRequest, reply: FastifyReply) => FastifyReply

/** The HTTP side: routes, and the promise that every answer, errors included, is JSON and says who gave it. */
export function buildApp(options: AppOptions): App {
  const { config } = options
  const identity = {
    'x-blackstart-region': config.region,
    'x-blackstart-zone': config.zone,
    'x-blackstart-node': config.node,
  }
  const inFlight = new InFlight(config.queueMax)
  const fail = failWith(identity)
  const server: FastifyInstance = Fastify(serverOptions(config, identity, fail))
  addHooks(server, options, identity)
  server.setErrorHandler(fail)
  server.setNotFoundHandler((request, reply) =>
    fail(new Refusal(404, 'route_unknown', `there is no ${request.method} on this path`), request, reply),
  )
  addRoutes(server, { ...options, inFlight })
  return { server, inFlight }
}

/** Turns whatever went wrong into an answer. */
function failWith(identity: Identity): Fail {
  return (error, request, reply) => {
    let refusal = refusalFor(error)
    if (refusal === undefined) {
      request.log.error({ err: error }, 'a request failed in a way that was not foreseen')
      refusal = new Refusal(500, 'internal', 'this is a defect of the service; its log says more')
    }
    if (refusal.status >= 503) reply.header('retry-after', '1')
    return reply.code(refusal.status).headers(identity).send({ code: refusal.code, reason: refusal.message })
  }
}

function serverOptions(config: AppOptions['config'], identity: Identity, fail: Fail): FastifyServerOptions {
  return {
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
    clientErrorHandler: (error, socket) => refuseBadHttp(error, socket, identity),
  }
}

/** Answers what is not HTTP, or not all of it: no request reaches the routes then. */
function refuseBadHttp(error: NodeJS.ErrnoException, socket: Socket, identity: Identity): void {
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
}

function addHooks(
  server: FastifyInstance,
  { readiness, metrics }: Pick<AppOptions, 'readiness' | 'metrics'>,
  identity: Identity,
): void {
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
}
