/**
 * A suite: trials of several scenarios, one after the other in one world, with a verified reset before each. Functions
 * that touch a world are passed in, so that tests can replace them.
 */
import { BlackstartError, causeOf, messageOf } from '../errors.ts'
import { Unavailable } from '../faults/fault.ts'
import {
  exitStatusOf,
  judgedResult,
  type Suite,
  type SuiteResult,
  suiteSchemaVersion,
  type Told,
  unjudgedResult,
} from '../judge/suite.ts'
import type { Verdict } from '../judge/verdict.ts'
import type { Scenario } from '../scenarios/schema.ts'
import type { Shard } from '../scenarios/select.ts'
import { UnprovedReset } from './reset.ts'

export interface SuitePlan {
  name: string
  world: string
  startedAt: Date
  scenarios: readonly Scenario[]
  /** Trials of each scenario. */
  trials: number
  /** Of each scenario's first trial; the next one has the next seed, so that a trial repeated alone draws the same. */
  seed?: number | undefined
  shard: Shard | null
  /** Stop at the first that is missed. */
  bail: boolean
  allowedSkips: readonly string[]
  /** Results of scenarios that were chosen and do not apply to the world. */
  inapplicable?: readonly SuiteResult[]
}

export interface SuiteEffects {
  /** Runs one trial; `run` is its folder's name. */
  executeTrial(scenario: Scenario, seed: number | undefined): Promise<{ verdict: Verdict; run: string }>
  /** Proves that the world is healed and ready. Throws UnprovedReset when it cannot be proved. */
  reset(): Promise<{ tookMs: number }>
  /** Takes the world down and brings it up again. */
  rebuild(reason: string): Promise<void>
  /** Milliseconds on a monotonic clock. */
  now(): number
}

/** Called as it happens. */
export interface SuiteWatcher {
  started?(trial: { scenario: Scenario; trial: number; index: number; of: number }): void
  reset?(tookMs: number): void
  /** `soFar` is the suite as it would read if the harness died now. */
  ended?(told: Told, soFar: Suite, error: unknown): void
}

export interface SuiteOutcome {
  suite: Suite
  told: Told[]
}

/**
 * Runs the trials of a plan. Never rejects for what one trial does: an error of the harness makes that trial
 * inconclusive, a fault that cannot run here skips its scenario, and the others go on. Without a world nothing can go
 * on, and the rest is reported as not run.
 */
export async function runSuite(
  plan: SuitePlan,
  effects: SuiteEffects,
  { signal, watch = {} }: { signal: AbortSignal; watch?: SuiteWatcher },
): Promise<SuiteOutcome> {
  return new SuiteRun(plan, effects, signal, watch).run()
}

interface Job {
  scenario: Scenario
  trial: number
}

class SuiteRun {
  readonly #plan: SuitePlan
  readonly #effects: SuiteEffects
  readonly #signal: AbortSignal
  readonly #watch: SuiteWatcher
  readonly #jobs: readonly Job[]
  readonly #startMs: number
  readonly #told: Told[] = []
  readonly #inapplicable: readonly SuiteResult[]
  readonly #resetsMs: number[] = []
  readonly #rebuilds: Suite['rebuilds'] = []
  #stopped: Suite['stopped'] = 'unfinished'

  constructor(plan: SuitePlan, effects: SuiteEffects, signal: AbortSignal, watch: SuiteWatcher) {
    this.#plan = plan
    this.#effects = effects
    this.#signal = signal
    this.#watch = watch
    this.#jobs = plan.scenarios.flatMap((scenario) =>
      Array.from({ length: plan.trials }, (_, index) => ({ scenario, trial: index + 1 })),
    )
    this.#inapplicable = plan.inapplicable ?? []
    this.#startMs = effects.now()
  }

  async run(): Promise<SuiteOutcome> {
    this.#stopped = await this.#all()
    return { suite: this.#suite(), told: [...this.#inapplicable.map((result) => ({ result })), ...this.#told] }
  }

  async #all(): Promise<Suite['stopped']> {
    for (const [index, job] of this.#jobs.entries()) {
      if (this.#signal.aborted) return 'interrupted'
      this.#watch.started?.({ ...job, index: index + 1, of: this.#jobs.length })
      const common = {
        scenario: job.scenario.name,
        title: job.scenario.title,
        trial: job.trial,
        startedAt: this.#wallClock(),
      }
      const startMs = this.#effects.now()
      const { told, error, worldless } = await this.#attempt(job, () => ({ ...common, tookMs: this.#since(startMs) }))
      if (told === undefined) return 'interrupted'
      this.#told.push(told)
      this.#watch.ended?.(told, this.#suite(), error)
      const more = index < this.#jobs.length - 1
      if (worldless && more) return 'no world'
      if (this.#plan.bail && told.result.verdict === 'missed' && more) return 'bail'
    }
    return this.#signal.aborted ? 'interrupted' : null
  }

  /** One trial after its reset. A trial that was interrupted before it had a result is not reported. */
  async #attempt(
    job: Job,
    common: () => Parameters<typeof unjudgedResult>[0],
  ): Promise<{ told?: Told; error?: unknown; worldless?: boolean }> {
    try {
      await this.#whole(job)
      const seed = this.#plan.seed === undefined ? undefined : this.#plan.seed + job.trial - 1
      const { verdict, run } = await this.#effects.executeTrial(job.scenario, seed)
      return { told: { result: judgedResult(common(), verdict, run), verdict } }
    } catch (error) {
      if (this.#isInterruption(error)) return {}
      const cause = causeOf(error)
      if (cause instanceof Unavailable)
        return { told: { result: unjudgedResult(common(), 'skipped', messageOf(error)) }, error }
      const reason = cause instanceof BlackstartError ? messageOf(error) : `the harness failed: ${messageOf(error)}`
      return {
        told: { result: unjudgedResult(common(), 'inconclusive', reason) },
        error,
        worldless: error instanceof NoWorld,
      }
    }
  }

  /** Returns when the world is proved to be whole, after rebuilding it if need be. */
  async #whole({ scenario }: Job): Promise<void> {
    try {
      await this.#reset()
    } catch (error) {
      if (!(causeOf(error) instanceof UnprovedReset)) throw error
      const startMs = this.#effects.now()
      const reason = messageOf(error)
      const rebuilt = { before: scenario.name, reason }
      try {
        await this.#effects.rebuild(reason)
        this.#rebuilds.push({ ...rebuilt, tookMs: this.#since(startMs) })
        await this.#reset()
      } catch (failure) {
        if (this.#isInterruption(failure)) throw failure
        throw new NoWorld(`there is no world to run in: ${reason}; rebuilding it failed: ${messageOf(failure)}`, {
          cause: failure,
        })
      }
    }
  }

  async #reset(): Promise<void> {
    const { tookMs } = await this.#effects.reset()
    this.#resetsMs.push(Math.round(tookMs))
    this.#watch.reset?.(tookMs)
  }

  /** Whether this is the interruption itself. What fails while healing after it is reported like any other error. */
  #isInterruption(error: unknown): boolean {
    return (
      this.#signal.aborted && (error === this.#signal.reason || (error instanceof Error && error.name === 'AbortError'))
    )
  }

  /** Whole milliseconds: more digits would mean nothing here. */
  #since(startMs: number): number {
    return Math.round(this.#effects.now() - startMs)
  }

  #wallClock(): string {
    return new Date(this.#plan.startedAt.getTime() + this.#effects.now() - this.#startMs).toISOString()
  }

  #suite(): Suite {
    const { name, world, startedAt, shard, trials, allowedSkips } = this.#plan
    const results = [...this.#inapplicable, ...this.#told.map(({ result }) => result)]
    const notRun = this.#jobs
      .slice(this.#told.length)
      .map(({ scenario, trial }) => ({ scenario: scenario.name, trial }))
    const said = { results, allowedSkips: [...allowedSkips], stopped: this.#stopped }
    return {
      schemaVersion: suiteSchemaVersion,
      name,
      world,
      startedAt: startedAt.toISOString(),
      tookMs: this.#since(this.#startMs),
      shard,
      trials,
      exitStatus: exitStatusOf(said),
      ...said,
      resetsMs: [...this.#resetsMs],
      rebuilds: [...this.#rebuilds],
      notRun,
    }
  }
}

/** The world is broken and could not be rebuilt. */
class NoWorld extends BlackstartError {
  override name = 'NoWorld'
}
