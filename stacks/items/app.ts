/**
 * PUT /items/:key, GET /items/:key, GET /livez, GET /readyz. 201 says that the store has acknowledged the item; 503 that
 * it did not within the limit, and may keep it all the same.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type Limits, messageOf, Unavailable, untilDone } from './retry.ts'
import type { Store } from './store.ts'

const READY_LIMIT_MS = 2_000
const BODY_MAX = 64 * 1024

export interface App {
  server: Server
  /** From now on it says that it is not ready, and closes each connection after its answer. */
  drain(): void
}

interface Reply {
  status: number
  text: string
}

export function createApp(store: Store, limits: Limits): App {
  let draining = false
  const answer = async (request: IncomingMessage): Promise<Reply> => {
    const { method, url = '' } = request
    if (url === '/livez') return { status: 200, text: 'alive' }
    if (url === '/readyz') return draining ? { status: 503, text: 'draining' } : await readiness(store)
    const key = /^\/items\/([\w.=-]{1,200})$/.exec(url)?.[1]
    if (key === undefined)
      return { status: 404, text: 'no such path: PUT or GET /items/<key>, of letters, digits and _.=-' }
    if (method === 'PUT') {
      const body = await bodyOf(request)
      if (body === undefined) return { status: 413, text: `an item has at most ${BODY_MAX} bytes` }
      await untilDone((signal) => store.put(key, body, signal), limits)
      return { status: 201, text: 'stored' }
    }
    if (method === 'GET') {
      const item = await untilDone((signal) => store.get(key, signal), limits)
      return item === undefined ? { status: 404, text: 'no such item' } : { status: 200, text: item }
    }
    return { status: 405, text: 'PUT or GET' }
  }
  const server = createServer((request, response) => {
    answer(request)
      .catch(toReply)
      .then((reply) => send(response, reply, draining))
      .catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined))
  })
  return {
    server,
    drain() {
      draining = true
    },
  }
}

async function readiness(store: Store): Promise<Reply> {
  try {
    await untilDone((signal) => store.ready(signal), { limitMs: READY_LIMIT_MS, pauseMs: 100 })
    return { status: 200, text: 'ready' }
  } catch (error) {
    return toReply(error)
  }
}

function toReply(error: unknown): Reply {
  if (!(error instanceof Unavailable)) console.error(error)
  return { status: error instanceof Unavailable ? 503 : 500, text: messageOf(error) }
}

function send(response: ServerResponse, { status, text }: Reply, isLast: boolean): void {
  if (isLast) response.setHeader('connection', 'close')
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(text)
}

/** @returns undefined where it is too long */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length <= BODY_MAX) chunks.push(chunk)
  }
  return length > BODY_MAX ? undefined : Buffer.concat(chunks).toString('utf8')
}
