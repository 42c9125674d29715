/** A storm in a process of its own, and what it says about itself. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { FaultKind } from '../../../chaos/scenarios/schema.ts'
import { within } from '../../../chaos/wait.ts'

/** The four in which a fault is under way. */
export const phases = ['preparing', 'injecting', 'active', 'healing'] as const
export type Phase = (typeof phases)[number]

export interface StormLine {
  phase: Phase | 'loaded' | 'ready' | 'healed' | 'failed'
  faultId?: string
  kind?: FaultKind
  text?: string
}

export interface UnderWay {
  kind: FaultKind
  phase: Phase
  text: string
}

const limitMs = 30_000

export class StormChild {
  readonly #child
  readonly #lines: StormLine[] = []
  readonly #underWay = new Map<string, UnderWay>()
  #heard = Promise.withResolvers<void>()
  /** What it failed at by itself; nobody expects that. */
  failure: string | undefined

  constructor({
    world,
    seed,
    wanted,
    place = 'quick',
  }: { world: string; seed: number; wanted: FaultKind; place?: 'quick' | 'shop' }) {
    this.#child = spawn(
      process.execPath,
      [fileURLToPath(new URL('./storm.ts', import.meta.url)), world, String(seed), wanted, place],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    )
    this.#child.stdin.on('error', () => {})
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#hear(JSON.parse(line) as StormLine))
  }

  #hear(line: StormLine): void {
    const { phase, faultId = '', kind, text = '' } = line
    this.#lines.push(line)
    if (phase === 'failed') this.failure = text
    if (phase === 'healed') this.#underWay.delete(faultId)
    else if (kind && (phases as readonly string[]).includes(phase))
      this.#underWay.set(faultId, { kind, phase: phase as Phase, text })
    this.#heard.resolve()
    this.#heard = Promise.withResolvers()
  }

  /** Lets it begin, and waits until it does. */
  async begin(): Promise<void> {
    await within(limitMs, 'waiting until the storm is loaded', this.#until('loaded'))
    this.#child.stdin.write('go\n')
    await within(limitMs, 'waiting until the storm begins', this.#until('ready'))
  }

  /**
   * Waits until a fault of this kind enters this phase, and no longer than that; whether it did is in what is under
   * way.
   */
  async reaches(kind: FaultKind, phase: Phase, limitMs: number): Promise<void> {
    await within(limitMs, 'waiting for a phase', this.#until(phase, kind)).catch(() => {})
  }

  async #until(phase: StormLine['phase'], kind?: FaultKind): Promise<void> {
    while (!this.failure && !this.#lines.some((line) => line.phase === phase && line.kind === kind))
      await this.#heard.promise
  }

  /** SIGKILL. Returns what was under way: all that it had said before. */
  async kill(): Promise<UnderWay[]> {
    const closed = once(this.#child, 'close')
    if (this.#child.exitCode === null) {
      this.#child.kill('SIGKILL')
      await closed
    }
    return [...this.#underWay.values()]
  }
}
