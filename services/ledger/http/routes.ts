/** The paths of the service: transfers, accounts, and what routers and monitors ask. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Caller } from '../database/within-deadline.ts'
import type { ReadFrom } from '../ledger.ts'
import type { AppOptions } from './app.ts'
import type { InFlight } from './in-flight.ts'
import { nameDatabase, nameVersions, Refusal, sendTransfer } from './replies.ts'
import { ageOf, parseAccountId, parseKey, parseOrder, parsePosition, parseSession } from './requests.ts'

type RouteOptions = AppOptions & { inFlight: InFlight }

export function addRoutes(server: FastifyInstance, options: RouteOptions): void {
  server.register(async (clients) => {
    clients.addHook('onRequest', async () => refuseWithout(options))
    addTransfer(clients, options)
    addLookups(clients, options)
  })
  addProbes(server, options)
}

/** @throws Refusal while the policies are not known */
function refuseWithout({ policies }: Pick<RouteOptions, 'policies'>): void {
  if (!policies.known) throw new Refusal(503, 'policies_missing', 'this replica is still reading its policies')
}

function addTransfer(server: FastifyInstance, { config, ledger, cache, sessions, inFlight }: RouteOptions): void {
  server.post('/transfers', async (request, reply) => {
    const key = parseKey(request.headers['idempotency-key'], 'the header Idempotency-Key')
    const order = parseOrder(key, request.body)
    const { position, token } = sessionOf(request)
    const result = await inFlight.run(async () => {
      const result = await ledger.transfer(order, {
        position: position !== undefined || token !== undefined,
        caller: callerOf(request, reply, config.region),
      })
      // Nobody waits for it: a replica of the store hears of it later still.
      if (result.outcome === 'completed') void cache?.forget(order.from, order.to)
      if (token !== undefined && result.position !== undefined)
        reply.header('x-blackstart-session', await sessions.remember(token, result.position))
      return result
    })
    return sendTransfer(reply, order, result)
  })
}

function addLookups(server: FastifyInstance, { ledger, cache, sessions, inFlight }: RouteOptions): void {
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
    nameVersions(reply, [value])
    return value
  })
}

function addProbes(server: FastifyInstance, { readiness, policies, metrics }: RouteOptions): void {
  server.get('/livez', async () => ({ live: true }))

  server.get('/readyz', async (_request, reply) => {
    const { status } = readiness
    refuseWithout({ policies })
    if (!status.ready) throw new Refusal(503, status.code, status.reason)
    nameDatabase(reply, status.answeredBy)
    return { ready: true }
  })

  server.get('/metrics', async (_request, reply) => {
    reply.header('content-type', metrics.registry.contentType)
    return metrics.registry.metrics()
  })
}

function callerOf({ headers }: FastifyRequest, reply: FastifyReply, region: string): Caller {
  const left = new AbortController()
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) left.abort()
  })
  return {
    ageMs: ageOf(headers['x-request-start']),
    elsewhere: (headers['x-primary-region'] ?? region) !== region,
    left: left.signal,
  }
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
