/** Freezes containers (cgroup freezer), with the engine's pause. */
import type { Freeze } from '../engine.ts'
import { type Daemon, findRunning } from './daemon.ts'

export function freezeOf(daemon: Daemon): Freeze {
  return {
    async ready(world, services) {
      const victims = await findRunning(daemon, world, services)
      return {
        async freeze() {
          await Promise.all(victims.map(({ container }) => container.pause()))
        },
      }
    },
  }
}
