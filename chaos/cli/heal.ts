/** heal: undoes one fault or all faults in a world, no matter which command injected them. */

import type { Engine } from '../engine/engine.ts'
import { EnvironmentError, EXIT, InstrumentError, UsageError } from '../errors.ts'
import { connectDrill, type DrillConnection, notActive } from '../run/drill-line.ts'
import { lockWorld } from '../world/lock.ts'
import { healAll, UndoLedger } from '../world/undo.ts'
import { Follower } from './follow.ts'
import { untilInterrupted } from './interrupt.ts'
import { readyEngine } from './machine.ts'
import { say } from './output.ts'

/** Returns the exit status. If a drill is under way, the drill heals, so that its journal records it. */
export async function healCommand(
  faultId: string | undefined,
  { world, all }: { world: string; all: boolean },
): Promise<number> {
  if (faultId !== undefined && all) throw new UsageError(`heal ${faultId} --all: give one or the other`)
  const engine = await readyEngine('engine')
  const signal = untilInterrupted({
    doing: 'healing to the end',
    left: () => `The world ${world} may be broken: "npx blackstart heal --world ${world}" heals it`,
  })
  const status = await heal(engine, faultId, { world, signal })
  return signal.aborted ? EXIT.interrupted : status
}

interface Where {
  world: string
  signal: AbortSignal
}

/**
 * A drill heals on its own what it was asked to heal, so waiting for it may be interrupted. A heal by this process is
 * not interrupted: half a heal is worse than none.
 */
async function heal(engine: Engine, faultId: string | undefined, { world, signal }: Where): Promise<number> {
  if (!(await engine.worlds()).has(world)) throw new EnvironmentError(`there is no world ${world}: nothing to heal`)
  using drill = await connectDrill(world)
  if (drill && faultId !== undefined) return await healOne(drill, faultId, { world, signal })
  if (drill) await endDrill(drill, { world, signal })
  if (drill && signal.aborted) return EXIT.interrupted
  using _lock = lockWorld(world)
  if (faultId !== undefined) return await healFromLedger(engine, world, faultId)
  const { healed } = await healAll(engine, world)
  if (healed.length > 0 || !drill)
    say(healed.length === 0 ? 'nothing was broken' : `healed:\n${healed.map((line) => `  ${line}`).join('\n')}`)
  return 0
}

async function healOne(drill: DrillConnection, faultId: string, { world, signal }: Where): Promise<number> {
  using follower = new Follower(drill, world)
  drill.send({ do: 'heal', faultId })
  const healed = await follower.until((line) => (line.is === 'healed' ? line : undefined), signal)
  if (!healed) return EXIT.interrupted
  if (healed.failed !== undefined) throw new InstrumentError(`${faultId} could not be healed: ${healed.failed}`)
  follower.say(
    `${faultId} is healed${follower.active.length > 0 ? `; still active: ${follower.active.join(', ')}` : ''}`,
  )
  return 0
}

async function endDrill(drill: DrillConnection, { world, signal }: Where): Promise<void> {
  using follower = new Follower(drill, world)
  drill.send({ do: 'end' })
  const ended = await follower.until((line) => (line.is === 'ended' ? line : undefined), signal)
  if (ended) follower.tellVerdict(ended.folder)
}

/** The process that injected it is dead: only its entry is left. */
async function healFromLedger(engine: Engine, world: string, faultId: string): Promise<number> {
  const ledger = new UndoLedger({ world, engine, topology: () => engine.topology(world) })
  const entries = ledger.entries()
  const entry = entries.find((each) => each.faultId === faultId)
  if (!entry)
    throw new UsageError(
      notActive(
        faultId,
        entries.map((each) => each.faultId),
      ),
    )
  await ledger.undo(faultId)
  say(
    `healed ${faultId}${entry.what ? `, ${entry.what}` : ''}, which "${entry.owner.command}" (process ${entry.owner.pid}) left behind`,
  )
  return 0
}
