/**
 * The process that runs a drill in the background. The first `fault` in a world starts it; it ends after
 * everything is healed.
 */

import { basename } from 'node:path'
import { openEngine } from '../engine/open.ts'
import { messageOf, statusOf } from '../errors.ts'
import { Drill, drillScenario, type HandFault } from '../run/drill.ts'
import { type Caller, type DrillOrder, serveDrill } from '../run/drill-line.ts'
import { executeTrial } from '../run/execute.ts'
import { within } from '../wait.ts'
import { lockWorld } from '../world/lock.ts'
import { untilInterrupted } from './interrupt.ts'
import { say } from './output.ts'

/** The command that starts a drill sends its first fault at once. */
const firstOrderLimitMs = 30_000

/**
 * Runs a drill from its first order on. Its messages are in the world's drill.log; everything else goes to the
 * commands that are connected.
 */
export async function drillCommand(
  world: string,
  { ratePerSecond }: { ratePerSecond?: number | undefined },
): Promise<number> {
  const engine = openEngine()
  const off = new AbortController()
  const interrupted = untilInterrupted({
    left: () => `The world ${world} may be broken: "npx blackstart heal --world ${world}" heals it`,
  })
  const signal = AbortSignal.any([interrupted, off.signal])
  using _lock = lockWorld(world)
  const first = Promise.withResolvers<{ drill: Drill; caller: Caller }>()
  let drill: Drill | undefined
  using server = await serveDrill(world, (order, caller) => {
    if (drill && order.do === 'call-off' && !drill.hasBegun)
      off.abort(new Error('cancelled before anything was broken'))
    else if (drill) void obey(drill, order, caller)
    else if (order.do === 'fault') {
      drill = new Drill(handOf(order))
      first.resolve({ drill, caller })
    } else caller.tell({ is: 'refused', message: 'the drill has not started yet', exitCode: 2 })
  })
  // The command that started us may be gone: then no order comes, and nothing is broken.
  if (process.connected) process.send?.('listening', () => process.connected && process.disconnect())
  signal.addEventListener('abort', () => first.reject(signal.reason), { once: true })
  const begun = await within(firstOrderLimitMs, 'waiting for the first fault of a drill', first.promise)
  void answerFirst(begun)
  try {
    const { folder } = await executeTrial({
      scenario: drillScenario(begun.drill.first, { ratePerSecond }),
      byHand: begun.drill.plan,
      engine,
      world,
      signal,
      isLocked: true,
      say,
      watch: (event) => server.tell({ is: 'event', event }),
    })
    server.tell({ is: 'ended', folder: basename(folder) })
    return 0
  } catch (error) {
    server.tell({ is: 'failed', ...failureOf(error) })
    throw error
  }
}

async function answerFirst({ drill, caller }: { drill: Drill; caller: Caller }): Promise<void> {
  try {
    const unproved = await drill.begun
    caller.tell({ is: 'injected', faultId: 'f1', unproved })
  } catch {
    /* the trial fails with it, and says so */
  }
}

async function obey(drill: Drill, order: DrillOrder, { tell }: Caller): Promise<void> {
  try {
    if (order.do === 'fault') tell({ is: 'injected', ...(await drill.inject(handOf(order))) })
    else if (order.do === 'heal')
      tell({ is: 'healed', faultId: order.faultId, failed: await drill.heal(order.faultId) })
    else if (order.do === 'end') drill.end()
  } catch (error) {
    tell({ is: 'refused', ...failureOf(error) })
  }
}

function handOf({ spec, forMs }: Extract<DrillOrder, { do: 'fault' }>): HandFault {
  return { spec: spec as HandFault['spec'], forMs }
}

function failureOf(error: unknown): { message: string; exitCode: number } {
  return { message: messageOf(error), exitCode: statusOf(error) }
}
