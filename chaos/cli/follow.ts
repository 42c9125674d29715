/** Follows a drill: shows what happens in it, and waits for one line of it. */
import { join, relative } from 'node:path'
import { BlackstartError, EnvironmentError } from '../errors.ts'
import type { Verdict } from '../judge/verdict.ts'
import { renderVerdict } from '../report/terminal.ts'
import type { DrillConnection, DrillLine } from '../run/drill-line.ts'
import { readVerdict, runsFolder } from '../run/folder.ts'
import { worldFolder } from '../world/state.ts'
import { colours, say, sayRendered, showTrial, width } from './output.ts'

/** An order that the drill refused, or that failed. */
class Refused extends BlackstartError {
  override readonly exitCode: number
  constructor(message: string, exitCode: number) {
    super(message)
    this.exitCode = exitCode
  }
}

export class Follower implements Disposable {
  readonly #lines: AsyncIterator<DrillLine>
  readonly #world: string
  readonly #live = showTrial()
  #next: Promise<IteratorResult<DrillLine>> | undefined

  constructor(drill: DrillConnection, world: string) {
    this.#lines = drill.lines[Symbol.asyncIterator]()
    this.#world = world
  }

  /**
   * Shows the drill until `pick` finds what it waits for, and returns that; undefined when the signal aborts first.
   * @throws what the drill answered, when it refused or failed; EnvironmentError when it ended unexpectedly
   */
  until<T extends object>(pick: (line: DrillLine) => T | undefined): Promise<T>
  until<T extends object>(pick: (line: DrillLine) => T | undefined, signal: AbortSignal): Promise<T | undefined>
  async until<T extends object>(
    pick: (line: DrillLine) => T | undefined,
    signal?: AbortSignal,
  ): Promise<T | undefined> {
    const aborted = new Promise<'aborted'>((resolve) => {
      if (signal?.aborted) resolve('aborted')
      signal?.addEventListener('abort', () => resolve('aborted'), { once: true })
    })
    for (;;) {
      this.#next ??= this.#lines.next()
      const next = await (signal ? Promise.race([this.#next, aborted]) : this.#next)
      if (next === 'aborted') return undefined
      this.#next = undefined
      if (next.done)
        throw new EnvironmentError(
          `the drill in the world ${this.#world} ended unexpectedly (its last messages are in ${join(worldFolder(this.#world), 'drill.log')}): "npx blackstart heal --world ${this.#world}" heals what it left broken`,
        )
      this.#show(next.value)
      const found = pick(next.value)
      if (found) return found
      if (next.value.is === 'refused' || next.value.is === 'failed')
        throw new Refused(next.value.message, next.value.exitCode)
    }
  }

  /** A line for people, in between. */
  say(text: string): void {
    this.#live.clear()
    say(text)
  }

  /** The verdict of a drill that has ended. */
  tellVerdict(run: string): Verdict | undefined {
    const folder = join(runsFolder(), run)
    const verdict = readVerdict(folder)
    if (verdict) {
      this.#live.clear()
      sayRendered(
        `\n${renderVerdict(verdict, { colours, width: width(), reportPath: join(relative(process.cwd(), folder), 'report.html') })}`,
      )
    }
    this.say(`"npx blackstart replay ${run}" injects the same faults again`)
    return verdict
  }

  [Symbol.dispose](): void {
    this.#live.stop()
  }

  /** Ids of the faults that are active, as far as this end has heard. */
  get active(): string[] {
    return this.#live.state.unhealed()
  }

  #show(line: DrillLine): void {
    if (line.is === 'past') this.#live.recall(line.events)
    else if (line.is === 'event') this.#live.record(line.event)
  }
}
