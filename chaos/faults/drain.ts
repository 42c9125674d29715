/**
 * drain: SIGTERM, the planned way to stop.
 *
 * Models: a rolling restart, a machine that is taken out for maintenance. The node may finish what it has begun, within
 * its own grace period; then it is killed. Of several nodes the apps are told first, and the others when the apps have
 * ended: nobody who plans it takes the database from under an app.
 * Does not model: an orchestrator that takes the node out of its load balancer first: that is the node's own `/readyz`
 * to say.
 * Heals by: starting the containers again.
 */
import { InstrumentError, messageOf } from '../errors.ts'
import { drainLimitMs, unlessDone } from '../engine/containers.ts'
import { findVictims, type Victim } from './kill.ts'
import { onlyNodes } from './nodes.ts'
import { healOnce, type Fault } from './fault.ts'

export const drain: Fault<'drain'> = {
  kind: 'drain',
  models: 'the target is told to stop (SIGTERM), and may finish what it has begun',
  doesNotModel: ['an orchestrator that takes the node out of the load balancer before it is told'],
  actsOn: 'nodes',
  unavailable: ({ target }) => onlyNodes('drain', target),
  effect: ({ target }) => ({ gone: target.nodes.map((node) => node.name) }),
  proofLimitMs: drainLimitMs,
  async prepare({ target }, context) {
    const victims = await findVictims(target.nodes, context)
    return {
      async inject(faultId) {
        await context.undo.write(faultId, {
          do: 'end-drain',
          drained: victims.map(({ service, startedAt }) => ({ service, startedAt })),
        })
        const firstActMs = context.now()
        // The engine answers when the node has ended; nobody waits for that here.
        const apps = new Set(target.nodes.filter((node) => node.role === 'app').map((node) => node.name))
        const isApp = ({ service }: Victim) => apps.has(service)
        const first = victims.filter(isApp).map((victim) => failureOf(stop(victim)))
        // One that could not be stopped is told at the heal, and keeps nobody else from being told to end.
        const appsEnded = Promise.all(first)
        const stops = [
          ...first,
          ...victims.filter((victim) => !isApp(victim)).map((victim) => failureOf(appsEnded.then(() => stop(victim)))),
        ]
        return {
          acts: victims.length,
          firstActMs,
          lastActMs: context.now(),
          ...healOnce(async () => {
            const failed = (await Promise.all(stops)).filter((error) => error !== undefined)
            await context.undo.undo(faultId)
            if (failed.length > 0)
              throw new InstrumentError(`draining ${target.name}: ${failed.map(messageOf).join('; ')}`)
          }),
        }
      },
      async dispose() {},
    }
  },
}

/** With the grace period that the container itself asks for. */
async function stop({ container }: Victim): Promise<void> {
  await container.stop().catch(unlessDone)
}

function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  )
}
