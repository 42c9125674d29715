/**
 * Measures the whole instrument (k6, its stream, the journal, the judge) against a stub whose outages are known,
 * because it writes down what it does.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Engine } from '../engine/engine.ts'
import { preferThisProcess } from '../host/priority.ts'
import { cpuTimes, idleShare } from '../host/processors.ts'
import { type CalibrationFacts, calibratedMachineSchema, machineOf } from '../journal/calibration.ts'
import { down } from '../world/down.ts'
import { lockWorld } from '../world/lock.ts'
import { keepBusy } from './busy.ts'
import { type Cell, cellsOf } from './cells.ts'
import { defectsOf, problemsOf } from './defects.ts'
import { type Facts, type Lane, startLane } from './lane.ts'
import { type MeasuredOutage, measureLane } from './measure.ts'
import type { Round } from './plan.ts'

export interface CalibrateOptions {
  engine: Engine
  world: string
  rounds: readonly Round[]
  facts: Facts
  signal: AbortSignal
  progress(text: string): void
}

export interface Calibration extends Facts {
  /** When it was done, ISO 8601. */
  at: string
  cells: Cell[]
  outages: MeasuredOutage[]
  /** Why some of it, or all, says nothing of the instrument: the machine had no room. It is left out. */
  problems: string[]
  /** What is wrong with the instrument, a sentence each. */
  defects: string[]
}

/**
 * Runs all rounds, in a world of their own that is removed at the end, whatever happened.
 * @throws EnvironmentError, InstrumentError when it cannot be measured
 */
export async function calibrate(options: CalibrateOptions): Promise<Calibration> {
  const at = new Date().toISOString()
  return assess({ at, ...options.facts }, await runRounds(options))
}

/** What the lanes show. Those that cannot be believed count for nothing but the problem that they had. Pure. */
export function assess(when: Facts & { at: string }, lanes: readonly Lane[]): Calibration {
  const sound = lanes.filter((lane) => problemsOf(lane).length === 0)
  const outages = sound.flatMap(measureLane)
  const cells = cellsOf(outages)
  return {
    ...when,
    cells,
    outages,
    problems: [...new Set(lanes.flatMap(problemsOf))],
    defects: defectsOf(cells, outages, sound),
  }
}

/** What a trial's journal needs to know of it. */
export function factsOf({ at, host, harness, versions, cells }: Calibration): CalibrationFacts {
  const lanes = Map.groupBy(cells, ({ host, ratePerSecond }) => `${host} ${ratePerSecond}`)
  return {
    at,
    commit: harness.commit,
    machine: calibratedMachineSchema.parse(machineOf({ host, harness, versions })),
    errors: [...lanes.values()].flatMap((lane) => {
      const [first] = lane
      const of = (figure: Cell['figure']) => lane.find((cell) => cell.figure === figure)
      const beyond = (figure: Cell['figure']) => of(figure)?.beyondSlotP95Ms ?? null
      return first === undefined
        ? []
        : [
            {
              host: first.host,
              ratePerSecond: first.ratePerSecond,
              n: of('recovered in')?.n ?? 0,
              recoveredInMs: beyond('recovered in'),
              writeGapMs: beyond('write gap'),
            },
          ]
    }),
  }
}

/** Runs all rounds, and returns what came of each of their lanes. */
export async function runRounds({ engine, world, rounds, ...options }: CalibrateOptions): Promise<Lane[]> {
  using _lock = lockWorld(world)
  // What a killed one left behind.
  await down(engine, world)
  await using stack = new AsyncDisposableStack()
  stack.defer(async () => void (await down(engine, world)))
  const network = await engine.makeNetwork(world, 'edge')
  const folder = mkdtempSync(join(tmpdir(), 'blackstart-calibrate-'))
  stack.defer(() => rmSync(folder, { recursive: true, force: true }))
  await preferThisProcess()
  const lanes: Lane[] = []
  for (const [index, round] of rounds.entries())
    lanes.push(...(await runRound(round, { ...options, engine, world, network, folder, index, of: rounds.length })))
  return lanes
}

interface RoundOptions extends Omit<CalibrateOptions, 'rounds'> {
  network: string
  folder: string
  index: number
  of: number
}

async function runRound(round: Round, options: RoundOptions): Promise<Lane[]> {
  const { engine, world, network, folder, index, of, facts, signal, progress } = options
  const planned = round.lanes.reduce((sum, lane) => sum + lane.outages.length, 0)
  const rates = round.lanes.map(({ ratePerSecond }) => ratePerSecond).join(' + ')
  let over = 0
  const tell = () =>
    progress(`round ${index + 1} of ${of}, ${round.host} host, ${rates} requests/s: ${over} of ${planned} outages`)
  tell()
  const running = await Promise.all(
    round.lanes.map((plan, lane) =>
      unlessAborted(
        signal,
        startLane({
          engine,
          world,
          network,
          plan,
          facts,
          host: round.host,
          name: `r${index}l${lane}`,
          journalPath: join(folder, `r${index}l${lane}.ndjson`),
          saw() {
            over++
            tell()
          },
        }),
      ),
    ),
  )
  await using _busy = round.host === 'busy' ? keepBusy(facts.host.cores) : { async [Symbol.asyncDispose]() {} }
  const before = cpuTimes()
  const lanes = await Promise.all(running.map((lane) => unlessAborted(signal, lane.ended())))
  const idle = idleShare(before, cpuTimes())
  return lanes.map((lane) => ({ ...lane, idleShare: idle }))
}

/** Rejects at once when the signal aborts; the world's removal ends the work itself. */
async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  signal.throwIfAborted()
  // It may fail after nobody waits for it any more.
  work.catch(() => {})
  const aborted = Promise.withResolvers<never>()
  const abort = () => aborted.reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([work, aborted.promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
