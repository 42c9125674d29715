/**
 * Freezes containers (cgroup freezer), with the engine's pause.
 *
 * On cgroup v1 the runtime cannot freeze a container in which a process is just being started, a health check say: it
 * gives up, thaws the container, and the engine answers "unable to freeze". A moment later it can.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { InstrumentError, messageOf } from '../../errors.ts'
import type { Freeze } from '../engine.ts'
import { type Daemon, findRunning, type Running } from './daemon.ts'

/** A health check has begun within this time, on a machine that is not out of breath. */
const limits = { limitMs: 5_000, againMs: 25 }

export function freezeOf(daemon: Daemon, { limitMs, againMs } = limits): Freeze {
  return {
    async ready(world, services) {
      const victims = await findRunning(daemon, world, services)
      return {
        async freeze() {
          const untilMs = performance.now() + limitMs
          await Promise.all(victims.map((victim) => pause(victim, untilMs, againMs)))
        },
      }
    },
  }
}

async function pause({ service, container }: Running, untilMs: number, againMs: number): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await container.pause()
    } catch (error) {
      if (tries > 1 && isPausedAlready(error)) return
      if (!/unable to freeze/i.test(messageOf(error))) throw error
      if (performance.now() >= untilMs)
        throw new InstrumentError(
          `${service} could not be frozen, in ${tries} tries: ${messageOf(error)}. The engine cannot freeze a container in which processes are started all the time: let its health check run less often`,
          { cause: error },
        )
      await delay(againMs)
    }
  }
}

/** The try before did it after all. */
function isPausedAlready(error: unknown): boolean {
  return (error as { statusCode?: number }).statusCode === 409 && /already paused/i.test(messageOf(error))
}
