/** Watches a world that comes up for what no waiting mends: a node that ended, a log-in that is refused. */
import { type Container, type Engine, isNode } from '../engine/engine.ts'
import { logInsRefused } from './log-in.ts'

const lookEveryMs = 1_000
/** A database may refuse everybody for as long as it sets up its accounts. */
const refusedForMs = 20_000

export interface Reason {
  /** To read after "the world cannot become ready: ". */
  what: string
  /** The nodes that it is about. */
  names: string[]
  /** What else there is to say. */
  words: string[]
}

export class Hopeless implements Disposable {
  readonly #given = new AbortController()
  readonly #timer: NodeJS.Timeout
  #refusedSinceMs: number | undefined

  constructor(engine: Engine, world: string) {
    this.#timer = setInterval(async () => {
      const ended = await endedNodes(engine, world).catch(() => [])
      if (ended.length > 0) this.#given.abort(endedWords(ended))
    }, lookEveryMs)
  }

  /** Aborts when there is no hope. */
  get signal(): AbortSignal {
    return this.#given.signal
  }

  get reason(): Reason | undefined {
    return this.signal.aborted ? (this.signal.reason as Reason) : undefined
  }

  /** What the world waits for now. */
  see(missing: readonly string[], nowMs = performance.now()): void {
    const refused = logInsRefused(missing)
    if (refused.length === 0) {
      this.#refusedSinceMs = undefined
      return
    }
    this.#refusedSinceMs ??= nowMs
    if (nowMs - this.#refusedSinceMs >= refusedForMs)
      this.#given.abort({ what: refused.join('; '), names: [], words: [] } satisfies Reason)
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }
}

async function endedNodes(engine: Engine, world: string): Promise<Container[]> {
  return (await engine.containers(world)).filter((container) => isNode(container) && container.state === 'exited')
}

function endedWords(ended: readonly Container[]): Reason {
  const names = ended.map(({ service }) => service)
  return { what: `${names.join(', ')} exited`, names, words: jobWords(ended) }
}

/** What to do about a node that has done its work and ended, as a job would. */
function jobWords(ended: readonly Container[]): string[] {
  return ended
    .filter(({ exitStatus }) => exitStatus === 0)
    .map(
      ({ service }) =>
        `${service} ended with status 0: if it is a job that is meant to end, let what waits for it say "depends_on: { ${service}: { condition: service_completed_successfully } }"`,
    )
}
