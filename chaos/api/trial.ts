/** A trial as a test runs it: told on stderr, judged, and run again where it proved nothing. */
import type { Engine } from '../engine/engine.ts'
import type { JournalEvent } from '../journal/schema.ts'
import type { Verdict } from '../judge/verdict.ts'
import { liveDisplay } from '../live/live.ts'
import { executeTrial } from '../run/execute.ts'
import { adapted } from '../scenarios/adapt.ts'
import type { Scenario } from '../scenarios/schema.ts'
import type { Topology } from '../topology/topology.ts'
import { untilReady } from '../world/ready.ts'

export interface TrialOptions {
  /** Sees every event as it is recorded. */
  watch?: (event: JournalEvent) => void
  /** How often it is run at most while verdicts are inconclusive; 2 by default. */
  attempts?: number
  /** False: a trial that only the machine was unfit for is not run again. */
  needsRoom?: boolean
  signal?: AbortSignal
}

export interface Place {
  engine: Engine
  name: string
  topology: Topology
}

const readyLimitMs = 120_000

/**
 * Runs a trial and returns its verdict. An inconclusive one measured nothing, for better or worse, and is run again, in
 * the open: a busy machine must not decide about the system. One that was missed never is.
 */
export async function trialIn(
  place: Place,
  scenario: Scenario,
  { watch, attempts = 2, needsRoom = true, signal = new AbortController().signal }: TrialOptions = {},
): Promise<Verdict> {
  for (let attempt = 1; ; attempt++) {
    const verdict = await trialOnce(place, { scenario: adapted(scenario, place.topology), watch, signal })
    if (
      verdict.verdict !== 'inconclusive' ||
      attempt >= attempts ||
      (!needsRoom && machineUnfit(verdict) !== undefined)
    )
      return verdict
    tell(`attempt ${attempt} of ${attempts} at ${scenario.name} proved nothing: ${verdict.summary}`)
    await untilReady(place.topology, { limitMs: readyLimitMs, signal })
  }
}

/**
 * What was wrong with the machine, where a verdict is inconclusive for that: it had no room, or something set its wall
 * clock, as when a virtual machine wakes up.
 */
export function machineUnfit({ verdict, validity }: Verdict): string | undefined {
  if (verdict !== 'inconclusive') return undefined
  const broken = validity.filter(({ holds }) => !holds)
  return (
    broken.find(({ name }) => name === 'host-had-room') ??
    broken.find(({ name, detail }) => name === 'clocks-agree' && detail.startsWith('the wall clock stepped'))
  )?.detail
}

async function trialOnce(
  { engine, name }: Place,
  {
    scenario,
    watch,
    signal,
  }: { scenario: Scenario; watch: ((event: JournalEvent) => void) | undefined; signal: AbortSignal },
): Promise<Verdict> {
  const live = liveDisplay({ stream: process.stderr, colour: false, isTTY: false, width: 120 })
  try {
    const { verdict, folder } = await executeTrial({
      scenario,
      engine,
      world: name,
      signal,
      watch: (event) => {
        live.record(event)
        watch?.(event)
      },
      say: tell,
    })
    tell(`${scenario.name}: ${verdict.summary} (${folder})`)
    return verdict
  } finally {
    live.stop()
  }
}

export function tell(text: string): void {
  process.stderr.write(`${text}\n`)
}
