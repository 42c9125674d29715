/**
 * Listens to the engine. A node that dies without our doing, or an engine that stops, spoils the trial. A node that is
 * started shows whether a fault lasts.
 */
import type { Engine, EngineEvent } from '../engine/engine.ts'
import type { Instruments, Observer } from './sampler.ts'

export interface EngineObserver extends Observer {
  /** Aborts when the engine went away. */
  gone: AbortSignal
}

/** `expected`: whether a node may die, because something was done to it. */
export async function observeEngine(
  engine: Engine,
  world: string,
  { record }: Instruments,
  expected: (service: string) => boolean,
): Promise<EngineObserver> {
  const gone = new AbortController()
  const failed = (reason: string) => record({ kind: 'instrument.failed', instrument: 'docker engine', reason })
  const events = await engine.follow(world, {
    saw(event) {
      const { service, is } = event
      if (is === 'started' || is === 'thawed')
        record({ kind: 'node.started', node: service, how: is === 'started' ? 'start' : 'unpause' })
      else if (!expected(service)) failed(`${service} ${wordsOf(event)}`)
    },
    lost(reason) {
      failed(`the engine's event stream ended (${reason}): the engine stopped or was restarted`)
      gone.abort(new Error('the engine went away'))
    },
  })
  return {
    gone: gone.signal,
    async stop() {
      events.stop()
    },
  }
}

function wordsOf({ is, exitStatus }: EngineEvent): string {
  return is === 'out of memory' ? 'ran out of memory' : `died by itself (exit status ${exitStatus ?? '?'})`
}
