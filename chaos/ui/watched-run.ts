/** One run that pages look at: its journal as it grows, its verdict when there is one, and whether anybody writes it. */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '../errors.ts'
import { checkEvent } from '../journal/check.ts'
import { readJournal } from '../journal/read.ts'
import { judge } from '../judge/judge.ts'
import { readVerdict } from '../run/folder.ts'
import { lockOwner } from '../world/lock.ts'
import { finalReading, type Reading, readingSoFar } from './reading.ts'
import { Tail } from './tail.ts'
import { type TrialFrame, TrialView } from './trial-view.ts'

/** A harness that runs writes at least so often, but for long reads at the end, and then it has the world. */
const silentAfterMs = 5_000
/** The judge reads the journal so far at most this often, and at most for this share of the time. */
const readEveryMs = 1_000
const readShare = 0.05

/**
 * `running`: somebody writes the journal. `closed`: the trial is over and not judged yet. `abandoned`: it never ended,
 * and nobody has the world.
 */
export type RunState = 'running' | 'closed' | 'judged' | 'abandoned'

export interface RunFrame {
  run: string
  state: RunState
  /** The trial's clock at this moment; null where it stands still. */
  nowMs: number | null
  /** The journal cannot be read (any further), and why. */
  problem: string | null
  reading: Reading | null
  /** Log and seconds are those after this revision of the trial's view. */
  since: number
  trial: TrialFrame
}

export class WatchedRun {
  readonly name: string
  readonly #folder: string
  readonly #tail: Tail
  readonly #view = new TrialView()
  #line = 0
  #problem: string | null = null
  #grownMs: number
  #aheadMs = -Infinity
  #reading: Reading | null = null
  #readAgainMs = 0
  #readRevision = 0

  constructor(name: string, folder: string) {
    this.name = name
    this.#folder = folder
    const path = join(folder, 'journal.ndjson')
    this.#tail = new Tail(path, (line) => this.#take(line))
    const writtenMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
    this.#grownMs = performance.now() - (Date.now() - writtenMs)
  }

  get revision(): number {
    return this.#view.revision
  }

  /** Up to where the judge has read. */
  get readUpTo(): number {
    return this.#reading?.isFinal ? -1 : this.#readRevision
  }

  get state(): RunState {
    if (this.#reading?.isFinal) return 'judged'
    if (this.#view.isClosed) return 'closed'
    if (performance.now() - this.#grownMs < silentAfterMs) return 'running'
    const { world } = this.#view
    return world !== undefined && this.isNewest && lockOwner(world) ? 'running' : 'abandoned'
  }

  /** Whoever has a world writes its newest run. */
  isNewest = true

  /** Takes in what was written since the last time. */
  async step(): Promise<void> {
    if (this.#problem === null) {
      try {
        if (await this.#tail.more()) this.#grownMs = Math.max(this.#grownMs, performance.now())
      } catch (error) {
        this.#problem = `the journal cannot be read: ${messageOf(error)}`
      }
    }
    await this.#read()
  }

  frame(since: number): RunFrame {
    const isRunning = this.state === 'running' && this.#aheadMs !== -Infinity
    return {
      run: this.name,
      state: this.state,
      nowMs: isRunning ? performance.now() + this.#aheadMs : null,
      problem: this.#problem,
      reading: this.#reading,
      since,
      trial: this.#view.since(since),
    }
  }

  async close(): Promise<void> {
    await this.#tail.close()
  }

  #take(text: string): void {
    this.#line += 1
    if (this.#problem !== null) return
    try {
      const checked = checkEvent(JSON.parse(text))
      if ('reason' in checked) throw new Error(checked.reason)
      this.#view.apply(checked.event)
      // From the event that came with the least delay.
      this.#aheadMs = Math.max(this.#aheadMs, checked.event.atMs - performance.now())
    } catch (error) {
      this.#problem = `line ${this.#line} of the journal is no event: ${messageOf(error)}`
    }
  }

  async #read(): Promise<void> {
    if (this.#reading?.isFinal) return
    const isOver = this.state !== 'running'
    const verdict = isOver ? readVerdict(this.#folder) : undefined
    if (verdict) {
      this.#reading = finalReading(verdict)
      return
    }
    const startMs = performance.now()
    if (!this.#view.hasFault || this.#readRevision === this.revision || startMs < this.#readAgainMs) return
    this.#readRevision = this.revision
    try {
      this.#reading = readingSoFar(judge(await readJournal(join(this.#folder, 'journal.ndjson'))))
    } catch (error) {
      this.#problem ??= messageOf(error)
    }
    const tookMs = performance.now() - startMs
    this.#readAgainMs = performance.now() + Math.max(readEveryMs, tookMs / readShare)
  }
}
