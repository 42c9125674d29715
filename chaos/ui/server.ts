/** The page's server, on this machine alone. */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { BlackstartError, EnvironmentError, messageOf } from '../errors.ts'
import { plainly } from '../report/format.ts'
import { sideBySide } from '../report/side-by-side.ts'
import { readVerdict } from '../run/folder.ts'
import { byApplicability } from '../scenarios/applies.ts'
import { incidentOf } from '../scenarios/incidents/index.ts'
import { scenarios } from '../scenarios/library/index.ts'
import { selectScenarios, suiteNames } from '../scenarios/select.ts'
import { loopback } from '../topology/topology.ts'
import { assetNamed } from './assets.ts'
import { choicesFor } from './choices.ts'
import { type Guard, guardOf } from './guard.ts'
import { runFolder } from './newest.ts'
import { type Hands, orderSchema } from './orders.ts'
import { Pages } from './pages.ts'
import { reportHeaders, roomHeaders } from './policy.ts'
import { RunsList } from './runs-list.ts'
import { stripsOf } from './strip.ts'
import { unobserved } from './trial-view.ts'
import { eventStream } from './wire.ts'

const lookEveryMs = 3_000

export interface ControlRoom extends AsyncDisposable {
  /** With the token: whoever has it may look and give orders. */
  readonly address: string
  /** How many pages are open. */
  readonly pages: number
  /** Whether any page was open so far. */
  readonly wasOpened: boolean
}

export interface ControlRoomOptions {
  port?: number | undefined
  hands?: Hands | undefined
  /** The run that pages follow which name none; by default the newest in the folder for runs. */
  newest?: () => string | undefined
}

/** @throws EnvironmentError when the port is taken */
export async function openControlRoom({ port = 0, hands, newest }: ControlRoomOptions): Promise<ControlRoom> {
  const app = Fastify({ logger: false, forceCloseConnections: true, bodyLimit: 16_384 })
  const pages = new Pages({
    aside: () => (hands ? { world: hands.world, orders: hands.orders } : { world: null, orders: [] }),
    ...(newest && { newest }),
  })
  let guard: Guard | undefined
  app.addHook('onRequest', async (request, reply) => {
    void reply.headers(roomHeaders)
    // Until the port is known there is nothing to check against, and nobody who may ask.
    const refusal = guard ? guard.refuses(askingOf(request)) : { status: 503, reason: 'not yet' }
    if (refusal) return reply.code(refusal.status).type('text/plain; charset=utf-8').send(`${refusal.reason}\n`)
  })
  app.setErrorHandler((error, _request, reply) => reply.code(statusOf(error)).send({ message: messageOf(error) }))
  servePage(app, () => guard)
  serveRuns(app, pages)
  servePair(app)
  if (hands) serveHands(app, hands)
  try {
    await app.listen({ host: loopback, port })
  } catch (error) {
    throw new EnvironmentError(
      `the control room cannot listen on port ${port}: ${messageOf(error)} (choose another port)`,
      { cause: error },
    )
  }
  guard = guardOf({
    token: randomBytes(32).toString('base64url'),
    port: (app.server.address() as AddressInfo).port,
  })
  void hands?.look()
  const looking = setInterval(() => pages.count > 0 && void hands?.look(), lookEveryMs)
  return {
    address: guard.address,
    get pages() {
      return pages.count
    },
    get wasOpened() {
      return pages.wasOpened
    },
    async [Symbol.asyncDispose]() {
      clearInterval(looking)
      await pages[Symbol.asyncDispose]()
      await app.close()
    },
  }
}

function askingOf({ method, headers, query }: FastifyRequest) {
  const { key } = query as { key?: unknown }
  return {
    method,
    host: headers.host,
    origin: headers.origin,
    cookie: headers.cookie,
    ...(typeof key === 'string' && { key }),
  }
}

function servePage(app: FastifyInstance, guard: () => Guard | undefined): void {
  // The page itself, and no redirect: a redirect from a link elsewhere would not carry the cookie.
  app.get('/', (request, reply) => {
    const { setCookie } = guard() ?? {}
    if ((request.query as { key?: unknown }).key !== undefined && setCookie) void reply.header('set-cookie', setCookie)
    return sendAsset(reply, 'index.html')
  })
  app.get<{ Params: { name: string } }>('/page/:name', ({ params }, reply) => sendAsset(reply, params.name))
}

function sendAsset(reply: FastifyReply, name: string) {
  const asset = assetNamed(name)
  return asset ? reply.type(asset.type).send(asset.body) : notThere(reply, `there is no ${name}`)
}

function notThere(reply: FastifyReply, message: string) {
  return reply.code(404).send({ message })
}

function serveRuns(app: FastifyInstance, pages: Pages): void {
  const list = new RunsList()
  app.get('/api/runs', () => ({ runs: list.rows() }))
  app.get<{ Querystring: { scenario?: string } }>('/api/trials', ({ query: { scenario = '' } }, reply) => {
    const runs = list.rows().filter((row) => row.scenario === scenario)
    const strips = stripsOf(runs.map(({ name }) => name))
    return strips.length > 0 ? { strips } : notThere(reply, `no run of ${scenario} has a verdict`)
  })
  app.get<{ Querystring: { run?: string } }>('/api/frames', ({ query: { run } }, reply) => {
    if (run !== undefined && runFolder(run) === undefined) return notThere(reply, `there is no run ${run}`)
    reply.hijack()
    const close = pages.open(eventStream(reply.raw, roomHeaders), run)
    reply.raw.on('close', close)
  })
  app.get<{ Params: { run: string } }>('/runs/:run/report', ({ params: { run } }, reply) => {
    const folder = runFolder(run)
    const report = folder && readIfThere(join(folder, 'report.html'))
    if (!report) return notThere(reply, `the run ${run} has no report (yet)`)
    return reply
      .headers(reportHeaders)
      .header('x-frame-options', 'SAMEORIGIN')
      .type('text/html; charset=utf-8')
      .send(report)
  })
}

function servePair(app: FastifyInstance): void {
  app.get<{ Querystring: { first?: string; second?: string } }>('/api/pair', ({ query }, reply) => {
    const names = [query.first ?? '', query.second ?? ''] as const
    const [first, second] = names.map((name) => {
      const folder = runFolder(name)
      return folder && readVerdict(folder)
    })
    if (!first || !second)
      return notThere(reply, `the run ${names[first ? 1 : 0]} has no verdict: "npx blackstart judge" makes one`)
    return plainly({ rows: sideBySide(first, second).map((row) => row ?? null) })
  })
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path)
  } catch {
    return undefined
  }
}

function serveHands(app: FastifyInstance, hands: Hands): void {
  app.get<{ Querystring: { target?: string } }>('/api/choices', ({ query: { target = '' } }, reply) => {
    const { topology } = hands
    if (!topology) return notThere(reply, hands.world.why ?? `the world ${hands.world.name} is not up`)
    return { kinds: choicesFor(target, topology) }
  })
  app.get('/api/world', (_, reply) => {
    const { topology } = hands
    if (!topology) return notThere(reply, hands.world.why ?? `the world ${hands.world.name} is not up`)
    return plainly(unobserved(topology))
  })
  app.get('/api/scenarios', () => {
    const reasons = hands.topology ? byApplicability(scenarios, hands.topology).others : undefined
    return {
      suites: suiteNames.map((name) => {
        const chosen = selectScenarios(scenarios, { suite: name })
        return { name, trials: chosen.filter((scenario) => !reasons?.has(scenario.name)).length, of: chosen.length }
      }),
      scenarios: scenarios.map((scenario) => {
        const { name, title, tags } = scenario
        const { happened, damage, timeline } = incidentOf(scenario) ?? {}
        const story = happened === undefined ? null : { happened, damage, timeline }
        return { name, title, tags, cannot: reasons?.get(name) ?? null, story }
      }),
    }
  })
  app.post('/api/orders', (request, reply) => {
    const order = orderSchema.safeParse(request.body)
    if (!order.success)
      return reply
        .code(400)
        .send({ message: order.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ') })
    return reply.code(202).send(hands.take(order.data))
  })
}

function statusOf(error: unknown): number {
  if (error instanceof BlackstartError) return 400
  const { statusCode } = error as { statusCode?: number }
  return statusCode ?? 500
}
