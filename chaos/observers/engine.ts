/**
 * Listens to the Docker engine: a container of the world that dies without our doing, or an engine that goes away,
 * spoils the trial. And one that is started tells whether a fault lasts.
 */
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import type { Engine } from '../engine/docker.ts'
import { messageOf } from '../errors.ts'
import type { Instruments, Observer } from './sampler.ts'

export interface EngineObserver extends Observer {
  /** Aborts when the engine went away. */
  gone: AbortSignal
}

export async function observeEngine(
  engine: Engine,
  world: string,
  { record }: Instruments,
  expected: (service: string) => boolean,
): Promise<EngineObserver> {
  const gone = new AbortController()
  let stopped = false
  const stream = (await engine.docker.getEvents({
    filters: { type: ['container'], event: ['die', 'oom', 'start', 'unpause'], label: [`blackstart.world=${world}`] },
  })) as Readable
  const lost = (reason: string) => {
    if (stopped || gone.signal.aborted) return
    record({
      kind: 'instrument.failed',
      instrument: 'docker engine',
      reason: `the engine's event stream ended (${reason}): the engine stopped or was restarted`,
    })
    gone.abort(new Error('the Docker engine went away'))
  }
  stream.on('error', (error) => lost(messageOf(error)))
  stream.on('end', () => lost('end of stream'))
  stream.on('close', () => lost('closed'))
  createInterface({ input: stream })
    .on('line', (line) => {
      const event = parse(line)
      const attributes = event?.Actor?.Attributes ?? {}
      const service = attributes['com.docker.compose.service']
      // The load generator and helpers end when their work does; their own readers judge how.
      if (stopped || !service || ['load', 'helper', 'host'].includes(attributes['blackstart.role'] ?? '')) return
      if (event?.Action === 'start' || event?.Action === 'unpause')
        return record({ kind: 'node.started', node: service, how: event.Action })
      if (expected(service)) return
      record({
        kind: 'instrument.failed',
        instrument: 'docker engine',
        reason: `${service} ${event?.Action === 'oom' ? 'ran out of memory' : `died by itself (exit status ${attributes['exitCode'] ?? '?'})`}`,
      })
    })
    .on('error', () => {})
  return {
    gone: gone.signal,
    async stop() {
      stopped = true
      stream.destroy()
    },
  }
}

interface EngineEvent {
  Action?: string
  Actor?: { Attributes?: Record<string, string> }
}

function parse(line: string): EngineEvent | undefined {
  try {
    return JSON.parse(line) as EngineEvent
  } catch {
    return undefined
  }
}
