/** Server-sent events over one connection, of which no more than one frame waits. */
import type { ServerResponse } from 'node:http'
import type { Wire } from './pages.ts'

/** So that whatever stands between keeps the connection, and a page that has gone is noticed. */
const heartbeatMs = 10_000

export function eventStream(response: ServerResponse, headers: Readonly<Record<string, string>>): Wire {
  response.writeHead(200, { ...headers, 'content-type': 'text/event-stream; charset=utf-8' })
  response.flushHeaders()
  const wire: Wire = {
    get isFree() {
      return response.writableLength === 0 && !response.destroyed
    },
    send(frame) {
      response.write(textOf(frame))
    },
  }
  const heartbeat = setInterval(() => wire.isFree && response.write(':\n\n'), heartbeatMs)
  response.on('close', () => clearInterval(heartbeat))
  return wire
}

/** Written once, however many pages get it. */
const texts = new WeakMap<object, string>()

function textOf(frame: object): string {
  const text = texts.get(frame) ?? `data: ${JSON.stringify(frame)}\n\n`
  texts.set(frame, text)
  return text
}
