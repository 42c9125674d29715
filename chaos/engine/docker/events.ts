/** The engine's event stream: starts and deaths of a world's containers. */
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { messageOf } from '../../errors.ts'
import type { EngineEvent, EngineEvents } from '../engine.ts'
import type { Daemon } from './daemon.ts'

/** The engine's names of events → ours. */
const kinds: Record<string, EngineEvent['is']> = {
  start: 'started',
  unpause: 'thawed',
  die: 'died',
  oom: 'out of memory',
}

export async function followEvents(
  { docker }: Pick<Daemon, 'docker'>,
  world: string,
  { saw, lost }: { saw: (event: EngineEvent) => void; lost: (reason: string) => void },
): Promise<EngineEvents> {
  let [stopped, over] = [false, false]
  const stream = (await docker.getEvents({
    filters: { type: ['container'], event: Object.keys(kinds), label: [`blackstart.world=${world}`] },
  })) as Readable
  const end = (reason: string) => {
    if (stopped || over) return
    over = true
    lost(reason)
  }
  stream.on('error', (error) => end(messageOf(error)))
  stream.on('end', () => end('end of stream'))
  stream.on('close', () => end('closed'))
  createInterface({ input: stream })
    .on('line', (line) => {
      const event = stopped ? undefined : eventIn(line)
      if (event) saw(event)
    })
    .on('error', () => {})
  return {
    stop() {
      stopped = true
      stream.destroy()
    },
  }
}

interface Message {
  Action?: string
  /** Of which container it tells. */
  Actor?: { ID: string; Attributes?: Record<string, string> }
}

/** An event of a node; undefined for an event of a visitor, and for other events. */
function eventIn(line: string): EngineEvent | undefined {
  const message = messageIn(line)
  const attributes = message?.Actor?.Attributes ?? {}
  const service = attributes['com.docker.compose.service']
  const is = kinds[message?.Action ?? '']
  if (!service || !is || ['load', 'helper', 'host'].includes(attributes['blackstart.role'] ?? '')) return undefined
  return { service, is, ...(attributes['exitCode'] !== undefined && { exitStatus: attributes['exitCode'] }) }
}

/** Undefined of a line that was cut off, as the last one may be. */
export function messageIn(line: string): Message | undefined {
  try {
    return JSON.parse(line) as Message
  } catch {
    return undefined
  }
}
