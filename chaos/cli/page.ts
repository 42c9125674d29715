/**
 * The process of the page that `--ui` opens beside a command. It gives way to everything else on this machine, and
 * nobody waits for it: the trial is the command's. It ends when the command says so, or when nobody looks any more.
 */
import { once } from 'node:events'
import { getPriority, setPriority } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { BlackstartError, EXIT } from '../errors.ts'
import type { ControlRoom } from '../ui/server.ts'
import { OrderThread } from './order-thread.ts'
import type { PageLine, WorkIsOver } from './page-line.ts'

/** One tenth of the share that a process has by default, where a core is wanted by both (sched(7)). */
const niceness = 10
/** A page that is loaded again is away for less than this. */
const awayMs = 3_000
const lookEveryMs = 250

export interface PageOptions {
  world: string
  port?: number | undefined
  /** Pages show only runs that begin after this one. */
  after?: string | undefined
}

/** Serves the page beside the command that started this process. */
export async function pageCommand({ world, port, after }: PageOptions): Promise<number> {
  const over = workIsOver()
  // Begun first: what it starts has the priority of before.
  const orders = new OrderThread()
  setPriority(Math.max(niceness, getPriority()))
  const [{ openControlRoom }, { newestRunAfter }, { CommandHands }] = await Promise.all([
    import('../ui/server.ts'),
    import('../ui/newest.ts'),
    import('./ui-hands.ts'),
  ])
  const hands = new CommandHands(world, orders.start)
  let opened: ControlRoom
  try {
    opened = await openControlRoom({ port, hands, newest: newestRunAfter(after) })
  } catch (error) {
    if (!(error instanceof BlackstartError)) throw error
    await tell({ is: 'failed', message: error.message })
    return error.exitCode
  }
  await using room = opened
  await tell({ is: 'open', address: room.address })
  const how = await over
  if (how === 'no') return EXIT.met
  if (how === 'until it is closed') await tell({ is: 'staying' })
  const isInUse = () => room.pages > 0 || hands.orders.some(({ state }) => state === 'under way')
  await untilUnused(isInUse, { isExpected: how === 'until it is closed' && !room.wasOpened })
  return EXIT.met
}

/** Waits until it is on its way: what is sent at the very end would be lost. */
async function tell(line: PageLine): Promise<void> {
  await new Promise<void>((resolve) => {
    if (process.connected && process.send) process.send(line, undefined, {}, () => resolve())
    else resolve()
  })
}

/**
 * How long the page stays once the command's work is over. A command that was killed says nothing: then whoever looks
 * can go on looking, and is told by the page that nobody writes the journal.
 */
async function workIsOver(): Promise<'no' | 'until it is closed' | 'while it is open'> {
  const [line] = (await Promise.race([once(process, 'message'), once(process, 'disconnect').then(() => [])])) as [
    WorkIsOver?,
  ]
  if (line === undefined) return 'while it is open'
  return line.stays ? 'until it is closed' : 'no'
}

/** `isExpected`: nobody has looked yet, and somebody may. Ends also with the command, if that is still there. */
async function untilUnused(isInUse: () => boolean, { isExpected }: { isExpected: boolean }): Promise<void> {
  const wasConnected = process.connected
  let usedMs = performance.now()
  let waits = isExpected
  while (waits || performance.now() - usedMs < awayMs) {
    if (isInUse()) {
      waits = false
      usedMs = performance.now()
    }
    if (wasConnected && !process.connected) return
    await delay(lookEveryMs)
  }
}
