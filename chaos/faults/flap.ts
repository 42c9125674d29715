/**
 * flap: links that are cut and whole again in turn.
 *
 * Models: a loose plug, a route that comes and goes, a failover that cannot decide.
 * Does not model: phases of varying length.
 * Heals by: turning off whatever was turned on, whichever phase it is in.
 */
import type { Link } from '../topology/topology.ts'
import { setTimeout as delay } from 'node:timers/promises'
import { fellSilent } from './beacon-claims.ts'
import { packetSwitch } from './blackhole.ts'
import { healOnce, type Fault, type FaultContext } from './fault.ts'
import { swallow } from './hang.ts'
import { bothWays, onlyLinks } from './links.ts'
import { turnOff, type Switch } from './switch.ts'
import { proxySwitch, toxicSwitch } from './toxiproxy.ts'

const switches: Record<'blackhole' | 'hang' | 'refuse', (links: Link[], context: FaultContext) => Promise<Switch>> = {
  blackhole: packetSwitch,
  hang: (links, context) => toxicSwitch(links, context, swallow),
  refuse: proxySwitch,
}

export const flap: Fault<'flap'> = {
  kind: 'flap',
  models: 'the links are cut and whole again in turn',
  doesNotModel: ['phases of varying length', 'whatever the kind that flaps does not model'],
  actsOn: 'links',
  unavailable: ({ target }) => onlyLinks('flap', target),
  // Proved by the first down phase; which phase it is in later is nobody's business.
  effect: ({ target, spec }) =>
    isBrief(spec.with) ? { loose: bothWays(target.links) } : { silent: bothWays(target.links) },
  // A phase that is over before anybody can call the link silent is proved by how long nothing was heard.
  claims: ({ target, spec }, { topology }) =>
    isBrief(spec.with) ? target.links.map((link) => fellSilent(topology, link, { forMs: 0.6 * spec.with.downMs })) : [],
  lasting: ({ target }) => ({ loose: bothWays(target.links) }),
  async prepare({ target, spec }, context) {
    const it = await switches[spec.with.of](target.links, context)
    return {
      async inject(faultId) {
        await context.undo.write(faultId, it.undo)
        const firstActMs = context.now()
        const acts = await it.on(faultId)
        const lastActMs = context.now()
        const stop = new AbortController()
        const playing = play(it, faultId, spec.with, stop.signal)
        playing.catch(() => {})
        return {
          acts,
          firstActMs,
          lastActMs,
          ...healOnce(async () => {
            stop.abort()
            // A switch that failed in the middle of it must be known, but not before everything is off.
            const failure = await playing.then(
              () => undefined,
              (error: unknown) => error,
            )
            await turnOff(it, faultId, context)
            if (failure) throw failure
          }),
        }
      },
      dispose: it.dispose,
    }
  },
}

/**
 * Down for less time than it takes the beacons to agree that a link is silent (some 650 ms, see docs/measurements.md).
 */
function isBrief({ downMs }: { downMs: number }): boolean {
  return downMs < 1_000
}

/** Starts in a down phase. Ends in whichever phase it is when asked to. */
async function play(
  it: Switch,
  faultId: string,
  { downMs, upMs }: { downMs: number; upMs: number },
  signal: AbortSignal,
): Promise<void> {
  const rest = (lengthMs: number) =>
    delay(lengthMs, undefined, { signal }).then(
      () => true,
      () => false,
    )
  while (await rest(downMs)) {
    await it.off(faultId)
    if (!(await rest(upMs))) return
    await it.on(faultId)
  }
}
