/**
 * crash-loop: the target dies (SIGKILL), comes back, and dies again.
 *
 * Models: a release that crashes shortly after its start, under an orchestrator that starts it again and again.
 * Does not model: the back-off of orchestrators, whose pauses grow.
 * Heals by: starting the containers, for good.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { startContainers } from '../engine/containers.ts'
import { healOnce, type Fault } from './fault.ts'
import { findVictims, prepareKill } from './kill.ts'
import { onlyNodes } from './nodes.ts'

export const crashLoop: Fault<'crash-loop'> = {
  kind: 'crash-loop',
  models: 'the target dies, comes back, and dies again, until it is healed',
  doesNotModel: ['pauses that grow from crash to crash'],
  actsOn: 'nodes',
  unavailable: ({ target }) => onlyNodes('crash-loop', target),
  // Proved by the first crash.
  effect: ({ target }) => ({ gone: target.nodes.map((node) => node.name) }),
  lasting: ({ target }) => ({ unsettled: target.nodes.map((node) => node.name) }),
  async prepare({ target, spec }, context) {
    const services = target.nodes.map((node) => node.name)
    const first = await prepareKill(target.nodes, context)
    return {
      async inject(faultId) {
        await context.undo.write(faultId, { do: 'start-containers', containers: services })
        const times = await first.kill()
        const stop = new AbortController()
        const rest = (lengthMs: number) =>
          delay(lengthMs, undefined, { signal: stop.signal }).then(
            () => true,
            () => false,
          )
        const looping = (async () => {
          while (await rest(spec.with.downMs)) {
            await startContainers(context.engine, context.topology.world, services)
            if (!(await rest(spec.with.upMs))) return
            // One that crashed by itself meanwhile is as dead as we want it.
            await Promise.all(
              (await findVictims(target.nodes, context, { dead: 'skip' })).map((victim) =>
                victim.container.kill().catch(() => {}),
              ),
            )
          }
        })()
        looping.catch(() => {})
        return {
          acts: services.length,
          ...times,
          ...healOnce(async () => {
            stop.abort()
            const failure = await looping.then(
              () => undefined,
              (error: unknown) => error,
            )
            await context.undo.undo(faultId)
            if (failure) throw failure
          }),
        }
      },
      dispose: first.dispose,
    }
  },
}
