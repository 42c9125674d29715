/**
 * One trial, from the first checks to the proved heal. The only place where all parts meet; its only product is the
 * journal.
 */

import { setTimeout as delay } from 'node:timers/promises'
import { keptCalibration } from '../calibrate/kept.ts'
import type { Engine } from '../engine/engine.ts'
import { messageOf } from '../errors.ts'
import { preferThisProcess } from '../host/priority.ts'
import { recorded } from '../journal/records.ts'
import { type EventOf, type Recorder, schemaVersion } from '../journal/schema.ts'
import type { Journal } from '../journal/write.ts'
import { windowMs, windowRequests } from '../judge/recovery.ts'
import { longestDrillMs, rampMs } from '../limits.ts'
import { type RunningLoad, startLoad } from '../load/generator.ts'
import { surgesOf } from '../load/pace.ts'
import { type Clients, writeShareOf } from '../load/program.ts'
import { observeClocks } from '../observers/clocks.ts'
import { observeEngine } from '../observers/engine.ts'
import type { Observer } from '../observers/sampler.ts'
import { startObservers } from '../observers/start.ts'
import { View } from '../observers/view.ts'
import { seededRandom } from '../random.ts'
import { askedHere } from '../scenarios/asked.ts'
import type { Scenario } from '../scenarios/schema.ts'
import { placeDcsLeader } from '../stack/etcd.ts'
import type { Topology } from '../topology/topology.ts'
import { readPlan } from '../world/plan.ts'
import { untilReady } from '../world/ready.ts'
import { straysIn } from '../world/strays.ts'
import { UndoLedger } from '../world/undo.ts'
import type { WorldFile } from '../worldfile/schema.ts'
import { auditorsOf, withAuditLabels } from './auditors.ts'
import { clientsFact, clientsOf } from './clients.ts'
import { componentVersions, harnessFacts, hostFacts, systemIdentifier } from './facts.ts'
import { type FaultRun, type PlanFaults, planFaults } from './faults.ts'
import { firstPrimary } from './first-primary.ts'
import { readBack } from './read-back.ts'
import { askedWhetherReadable } from './readable.ts'
import { untilRedundant } from './redundant.ts'

const readyLimitMs = 90_000

export interface TrialOptions {
  scenario: Scenario
  trialId: string
  seed: number
  engine: Engine
  world: string
  journal: Journal
  signal: AbortSignal
  /** Of a drill by hand: its faults, instead of the scenario's. */
  byHand?: PlanFaults | undefined
}

/**
 * Runs a trial and records it. Returns when every fault is healed and the journal says `trial.closed`; what went wrong
 * on the way is in the journal, for the judge. Throws only before anything was touched: a bad target, a world that is
 * not there.
 */
export async function runTrial(given: TrialOptions): Promise<void> {
  const plan = readPlan(given.world)
  const topology = withAuditLabels(await given.engine.topology(given.world), plan)
  const clients = await clientsOf(plan, topology)
  const auditors = auditorsOf(topology, plan)
  const asked = askedHere(given.scenario, { topology, audit: auditors })
  const options = { ...given, scenario: withShareOf(clients, asked.scenario), plan, clients, auditors }
  const { engine, journal, signal, scenario, trialId, seed } = options
  const { record } = journal
  const identifier = await systemIdentifier(topology)
  const host = await hostFacts(engine)
  const calibration = keptCalibration()
  record({
    kind: 'trial.opened',
    schemaVersion,
    trialId,
    seed,
    scenario,
    ...(options.byHand && { byHand: true }),
    records: [...recorded],
    topology,
    ...(clients && { clients: clientsFact(clients) }),
    ...(auditors && { audit: auditors }),
    wallStartMs: journal.clock.wallStartMs,
    ...(identifier && { systemIdentifier: identifier }),
    versions: await componentVersions(topology),
    host,
    harness: await harnessFacts(),
    ...(calibration && { calibration }),
  })
  for (const text of asked.left) record({ kind: 'note', text })
  const preferred = await preferThisProcess()
  if (preferred) record({ kind: 'note', text: preferred })
  const trial = new Trial(options, topology, record)
  try {
    await trial.run()
    record({ kind: 'trial.closed', reason: 'completed' })
  } catch (error) {
    if (signal.aborted) record({ kind: 'trial.closed', reason: 'interrupted', detail: messageOf(signal.reason) })
    else {
      record({ kind: 'instrument.failed', instrument: 'run', reason: messageOf(error) })
      record({ kind: 'trial.closed', reason: 'aborted', detail: messageOf(error) })
    }
    if (!trial.faultsPlayed) throw error
  }
}

/** Writes as many as the declared requests do. */
function withShareOf(clients: Clients | undefined, scenario: Scenario): Scenario {
  const writeShare = clients && writeShareOf(clients)
  return writeShare === undefined ? scenario : { ...scenario, load: { ...scenario.load, writeShare } }
}

interface OwnOptions extends TrialOptions {
  /** What a world file says, where one made the world. */
  plan: WorldFile | undefined
  clients: Clients | undefined
  auditors: EventOf<'trial.opened'>['audit']
}

class Trial {
  readonly #options: OwnOptions
  readonly #writes: number[] = []
  #acknowledged = 0
  readonly #topology: Topology
  readonly #record: Recorder
  readonly #view = new View()
  readonly #now: () => number
  /** Whether anything was injected: from here on an error belongs to the trial and not to its start. */
  faultsPlayed = false

  constructor(options: OwnOptions, topology: Topology, record: Recorder) {
    this.#options = options
    this.#topology = topology
    this.#record = record
    this.#now = () => options.journal.clock.nowMs()
  }

  async run(): Promise<void> {
    const { engine, scenario, trialId, world, journal, signal } = this.#options
    await this.#precheck()
    journal.on('*', (event) => {
      this.#view.see(event)
      if (event.kind !== 'request' || event.op !== 'write') return
      this.#writes.push(event.n)
      if (event.outcome === 'acked') this.#acknowledged++
    })
    const instruments = { record: this.#record, now: this.#now }
    let disturbed: ReadonlySet<string> = new Set<string>()
    await using stack = new AsyncDisposableStack()
    const keep = <T extends Observer>(observer: T): T => {
      stack.defer(() => observer.stop())
      return observer
    }
    const engineObserver = keep(await observeEngine(engine, world, instruments, (service) => disturbed.has(service)))
    keep(startObservers(engine, this.#topology, instruments))
    keep(observeClocks({ topology: this.#topology, engine, clock: journal.clock, record: this.#record }))
    const stop = AbortSignal.any([signal, engineObserver.gone])

    const primary = await firstPrimary({ topology: this.#topology, view: this.#view, signal: stop })
    const undo = new UndoLedger({ world, engine, topology: () => engine.topology(world) })
    const ground = { topology: this.#topology, engine, now: this.#now, view: this.#view, undo }
    const plan: PlanFaults = this.#options.byHand ?? ((world) => planFaults(scenario.faults, trialId, world))
    const faults = await plan({ ground, record: this.#record, primary })
    disturbed = faults.nodes
    stack.defer(() => faults.dispose())

    const load = await this.#startLoad()
    stack.defer(() => load.stop())
    await this.#steady(load, stop)
    await this.#play(faults, load, stop)
    await this.#settle(stop)
  }

  async #precheck(): Promise<void> {
    this.#record({ kind: 'stage.entered', stage: 'precheck' })
    await untilReady(this.#topology, { limitMs: readyLimitMs, signal: this.#options.signal })
    this.#record({ kind: 'note', text: await placeDcsLeader(this.#topology) })
  }

  async #startLoad(): Promise<RunningLoad> {
    const { engine, scenario, trialId, journal, byHand } = this.#options
    const plannedMs = rampMs + scenario.steadyMs + heartbeatMs(this.#topology) + scenario.observeMs
    const durationMs = byHand ? longestDrillMs : plannedMs
    this.#record({ kind: 'stage.entered', stage: 'warmup', detail: `${scenario.load.ratePerSecond} requests/s` })
    return startLoad({
      engine,
      topology: this.#topology,
      load: scenario.load,
      clients: this.#options.clients,
      trialId,
      durationMs,
      surges: surgesOf({ load: scenario.load, durationMs }, this.#faultAfterMs),
      wallStartMs: journal.clock.wallStartMs,
      instruments: { record: this.#record, now: this.#now },
    })
  }

  /** From the first arrival to T0, in milliseconds: a steady load, then what was drawn. */
  get #faultAfterMs(): number {
    const { scenario, seed } = this.#options
    return rampMs + scenario.steadyMs + seededRandom(seed)() * heartbeatMs(this.#topology)
  }

  /** Steady load, then a random part of one heartbeat, so that the detector's phase neither flatters nor hurts. */
  async #steady(load: RunningLoad, signal: AbortSignal): Promise<void> {
    await load.started
    this.#record({ kind: 'stage.entered', stage: 'steady' })
    const unreadable = askedWhetherReadable({ ...this.#options, topology: this.#topology, signal })
    await delay(this.#faultAfterMs, undefined, { signal })
    // Where nothing was acknowledged, there need be no place for it yet.
    if (this.#acknowledged > 0) unreadable.throwIfKnown()
    const { replication } = this.#view
    if (replication)
      this.#record({ kind: 'database.replication', primary: replication.primary, standbys: replication.standbys })
  }

  async #play(faults: FaultRun, load: RunningLoad, signal: AbortSignal): Promise<void> {
    this.#record({ kind: 'stage.entered', stage: 'fault' })
    this.faultsPlayed = true
    const startMs = performance.now()
    if (faults.byHand) void load.ended.then(faults.byHand.end)
    await faults.play(signal)
    signal.throwIfAborted()
    this.#record({ kind: 'stage.entered', stage: 'observe' })
    const {
      observeMs,
      load: { timeoutMs, ratePerSecond },
    } = this.#options.scenario
    const redundant = untilRedundant({ topology: this.#topology, view: this.#view, record: this.#record, signal })
    redundant.catch(() => {})
    if (faults.byHand) {
      await redundant
      // Then clients have been served for a whole window, and everything before its last moment is known.
      await Promise.race([
        load.ended,
        delay(Math.max(windowMs, (windowRequests / ratePerSecond) * 1_000) + timeoutMs + rampMs, undefined, { signal }),
      ])
      await load.finish()
      return
    }
    const restMs = observeMs - (performance.now() - startMs)
    if (restMs > 0) await delay(restMs, undefined, { signal })
    await Promise.race([load.ended, delay(timeoutMs + 15_000, undefined, { signal, ref: false })])
    await redundant
  }

  async #settle(signal: AbortSignal): Promise<void> {
    this.#record({ kind: 'stage.entered', stage: 'audit' })
    await readBack({
      ...this.#options,
      topology: this.#topology,
      record: this.#record,
      nowMs: this.#now,
      signal,
      writes: this.#writes,
      acknowledged: this.#acknowledged,
      primary: this.#view.primary(),
    })
    const strays = await straysIn(this.#options.engine, this.#topology).catch(() => [])
    for (const text of strays) this.#record({ kind: 'note', text })
  }
}

/** The period over which T0 is drawn: the failure detector's heartbeat. */
function heartbeatMs(topology: Topology): number {
  return topology.timeouts['loop-ms'] ?? 1_000
}
