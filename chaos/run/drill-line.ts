/** How a command talks to the process that runs a drill: lines of JSON over a Unix socket, orders in, events out. */

import { connect, createServer, type Socket } from 'node:net'
import { z } from 'zod'
import { EnvironmentError, EXIT, messageOf, withNearest } from '../errors.ts'
import type { JournalEvent } from '../journal/schema.ts'
import { longestMs } from '../limits.ts'
import { jsonLinesOf, linesOf } from '../ndjson.ts'
import { faultKindSchema, targetSchema } from '../scenarios/schema.ts'
import { drillSocket, forgetDrillSocket, isOwnSocket, ownDrillSocket } from '../world/drill-socket.ts'

/** After the last heal the drill goes on for this long, so that another fault can follow. */
export const quietMs = 20_000

export const orderSchema = z.discriminatedUnion('do', [
  z.object({
    do: z.literal('fault'),
    forMs: z.number().positive().max(longestMs).optional(),
    spec: z.object({ kind: faultKindSchema, target: targetSchema, with: z.record(z.string(), z.unknown()).optional() }),
  }),
  z.object({ do: z.literal('heal'), faultId: z.string() }),
  /** Ends a drill that has not begun yet; else it does nothing. */
  z.object({ do: z.literal('call-off') }),
  /** Heals everything and ends the drill. */
  z.object({ do: z.literal('end') }),
])
export type DrillOrder = z.infer<typeof orderSchema>

export type DrillLine =
  /** What happened before the listener began; requests are left out. */
  | { is: 'past'; events: JournalEvent[] }
  | { is: 'event'; event: JournalEvent }
  /** Answers to an order. */
  | { is: 'injected'; faultId: string; unproved?: string | undefined }
  | { is: 'healed'; faultId: string; failed?: string | undefined }
  | { is: 'refused'; message: string; exitCode: number }
  /** The last line of every drill. */
  | { is: 'ended'; folder: string }
  | { is: 'failed'; message: string; exitCode: number }

export interface DrillServer extends Disposable {
  /** Sends it to every connected command. */
  tell(line: DrillLine): void
}

export interface Caller {
  tell(line: DrillLine): void
}

/** Listens for orders. The caller holds the world's lock, so a socket that is there already is a dead drill's. */
export async function serveDrill(
  world: string,
  take: (order: DrillOrder, caller: Caller) => void,
): Promise<DrillServer> {
  const path = ownDrillSocket(world)
  const callers = new Set<Socket>()
  const past: JournalEvent[] = []
  const write = (socket: Socket, line: DrillLine) => {
    socket.write(`${JSON.stringify(line)}\n`)
  }
  const server = createServer((socket) => {
    callers.add(socket)
    socket.on('error', () => {}).on('close', () => callers.delete(socket))
    const caller = { tell: (line: DrillLine) => write(socket, line) }
    caller.tell({ is: 'past', events: past })
    void takeOrders(socket, (order) => take(order, caller), caller)
  })
  forgetDrillSocket(world)
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(path, resolve))
  return {
    tell(line) {
      if (line.is === 'event' && line.event.kind !== 'request') past.push(line.event)
      for (const socket of callers) write(socket, line)
    },
    [Symbol.dispose]() {
      server.close()
      for (const socket of callers) socket.end()
      forgetDrillSocket(world)
    },
  }
}

async function takeOrders(socket: Socket, take: (order: DrillOrder) => void, { tell }: Caller): Promise<void> {
  for await (const text of untilClosed(linesOf(socket))) {
    try {
      take(orderSchema.parse(JSON.parse(text)))
    } catch (error) {
      tell({
        is: 'refused',
        message: `the drill does not understand ${text.slice(0, 80)}: ${messageOf(error)}`,
        exitCode: EXIT.bug,
      })
    }
  }
}

export interface DrillConnection extends Disposable {
  send(order: DrillOrder): void
  /** Ends when the drill does. */
  lines: AsyncIterable<DrillLine>
}

/**
 * Connects to the drill in a world; undefined when there is none.
 * @throws EnvironmentError when what listens there may belong to another user: no order is sent to it, and no answer
 * believed
 */
export async function connectDrill(world: string): Promise<DrillConnection | undefined> {
  const path = drillSocket(world)
  if (!isOwnSocket(path)) return undefined
  return new Promise((resolve, reject) => {
    const socket = connect(path)
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (['ENOENT', 'ECONNREFUSED'].includes(error.code ?? '')) resolve(undefined)
      else
        reject(
          new EnvironmentError(`the drill in the world ${world} cannot be reached: ${messageOf(error)}`, {
            cause: error,
          }),
        )
    })
    socket.once('connect', () => {
      socket.removeAllListeners('error').on('error', () => {})
      resolve({
        send: (order) => {
          socket.write(`${JSON.stringify(order)}\n`)
        },
        lines: untilClosed(jsonLinesOf<DrillLine>(socket)),
        [Symbol.dispose]: () => {
          socket.destroy()
        },
      })
    })
  })
}

/** Ends with the socket, however that ends: the other side may die at any moment, and that is no error. */
async function* untilClosed<T>(lines: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* lines
  } catch (error) {
    if (error instanceof SyntaxError) throw error
  }
}

export function notActive(faultId: string, active: readonly string[]): string {
  if (active.length === 0) return `there is no fault "${faultId}": nothing is broken`
  return withNearest(`there is no fault "${faultId}"`, faultId, active)
}
