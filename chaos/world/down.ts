/** Takes a world down: removes everything that has its label. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Belonging, Engine } from '../engine/engine.ts'
import { EnvironmentError, messageOf } from '../errors.ts'
import { fewAtATime, within } from '../wait.ts'
import { checkWorldName, forgetSettings } from './settings.ts'

export interface DownOptions {
  /** Ends it after the removals that are under way. */
  signal?: AbortSignal | undefined
  /** Called often, with what is still there. */
  progress?: ((text: string) => void) | undefined
  /** It gives up when nothing has gone for this long. */
  patienceMs?: number
}

export type Removed = Record<Belonging['is'], number>

/**
 * How many removals the engine is asked for at once: more do not end sooner, and each holds a few processes of the
 * engine.
 */
const removalsAtOnce = 6
const removalLimitMs = 60_000
const lookAgainMs = 250

/**
 * Removes everything that carries the world's label: containers, networks, volumes. Nothing else is touched, and
 * nothing but the label is needed. After a failed `up` the engine may still be making a container, and it releases a
 * volume or a network a moment after the container that used it has gone: so it looks again until nothing is left.
 * Returns how much of each there was.
 * @throws EnvironmentError with what is left and why, when nothing goes any more
 */
export async function down(
  engine: Engine,
  world: string,
  { signal, progress, patienceMs = 15_000 }: DownOptions = {},
): Promise<Removed> {
  checkWorldName(world)
  const seen = new Map<string, Belonging>()
  let fewest = Infinity
  let fewestMs = performance.now()
  let failures: string[] = []
  for (;;) {
    signal?.throwIfAborted()
    const found = await engine.belongings(world)
    if (found.length === 0) break
    for (const thing of found) seen.set(thing.id, thing)
    if (found.length < fewest) {
      fewest = found.length
      fewestMs = performance.now()
    } else if (performance.now() - fewestMs > patienceMs) {
      throw new EnvironmentError(
        `the world ${world} cannot be removed: ${failures.join('; ') || `${found.map(({ name }) => name).join(', ')} came back`}; "npx blackstart down --world ${world}" tries again${afterwards(found, failures)}`,
      )
    }
    progress?.(`${found.length} to remove`)
    // Networks and volumes go when no container has them any more.
    const containers = found.filter(({ is }) => is === 'containers')
    failures = [
      ...(await removeAll(containers, signal)),
      ...(await removeAll(
        found.filter((thing) => !containers.includes(thing)),
        signal,
      )),
    ]
    if (failures.length > 0) await delay(lookAgainMs, undefined, signal ? { signal } : {})
  }
  forgetSettings(world)
  const count = (kind: keyof Removed) => [...seen.values()].filter(({ is }) => is === kind).length
  return { containers: count('containers'), networks: count('networks'), volumes: count('volumes') }
}

/**
 * An engine whose Compose was killed, or that was very busy, may count an endpoint for ever that no container has. It
 * counts anew when it starts.
 */
function afterwards(left: readonly Belonging[], failures: readonly string[]): string {
  const miscounted =
    left.every(({ is }) => is === 'networks') && failures.some((failure) => failure.includes('active endpoints'))
  return miscounted
    ? '. If "docker network inspect" shows no container in such a network, the engine\'s count is wrong: restart the engine first'
    : ''
}

/** Returns why what could not be removed could not. */
async function removeAll(things: Belonging[], signal: AbortSignal | undefined): Promise<string[]> {
  const results = await fewAtATime(
    removalsAtOnce,
    things.map(({ name, remove }) => async () => {
      if (!signal?.aborted) await within(removalLimitMs, `removing ${name}`, remove())
    }),
  )
  return results.flatMap((result, index) => {
    if (result.status === 'fulfilled') return []
    return [`${things[index]?.name}: ${messageOf(result.reason)}`]
  })
}
