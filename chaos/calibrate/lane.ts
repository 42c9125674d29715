/** One stream of clients and the stub that they meet, from their start to the journal and the truth beside it. */

import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import type { Engine, Visitor } from '../engine/engine.ts'
import { InstrumentError, messageOf } from '../errors.ts'
import { readJournal } from '../journal/read.ts'
import type { RecordedJournal } from '../journal/recorded.ts'
import { type EventOf, schemaVersion } from '../journal/schema.ts'
import { type Journal, openJournal } from '../journal/write.ts'
import { type RunningLoad, startLoad } from '../load/generator.ts'
import { type Scenario, scenarioSchema } from '../scenarios/schema.ts'
import type { Topology } from '../topology/topology.ts'
import { within } from '../wait.ts'
import { type Host, type LanePlan, leadMs, streamMs } from './plan.ts'
import { parseStubLine, type Truth } from './truth.ts'

const stubImage = 'blackstart/services'
const port = 8080
const startLimitMs = 30_000
/**
 * A client gives up after this long, and one that waited longer than the limit was not served in time. Both are shorter
 * than those of a scenario, so that outages of a second or two show what each does to a figure.
 */
const timeoutMs = 600
const p99Ms = 300

export type Facts = Pick<EventOf<'trial.opened'>, 'host' | 'harness' | 'versions'>

/** What came of a lane: the client stream as the judge reads it, and what the stub says. */
export interface Lane {
  ratePerSecond: number
  host: Host
  /** How much of the processors' time was idle meanwhile, the calibration's own work counted as work; 0 to 1. */
  idleShare: number
  journal: RecordedJournal
  truth: Truth
}

export interface LaneOptions {
  engine: Engine
  world: string
  network: string
  name: string
  plan: LanePlan
  host: Host
  facts: Facts
  journalPath: string
  /** Called when the stub says that an outage is over. */
  saw(): void
}

export interface RunningLane {
  /** Resolves when its stream is at an end and all is read. */
  ended(): Promise<Omit<Lane, 'idleShare'>>
}

/** Starts the stub, then the stream against it. Resolves when its first request was made. */
export async function startLane(options: LaneOptions): Promise<RunningLane> {
  const { engine, world, name, plan, host, journalPath } = options
  const stub = await startStub(options)
  const journal = openJournal(journalPath)
  const scenario = scenarioOf(plan)
  const topology = topologyOf(world, stub.name)
  open(journal, { scenario, topology, name, facts: options.facts })
  const load = await startLoad({
    engine,
    topology,
    load: scenario.load,
    trialId: name,
    durationMs: streamMs(plan),
    wallStartMs: journal.clock.wallStartMs,
    instruments: { record: journal.record, now: () => journal.clock.nowMs() },
  })
  await load.started
  return {
    async ended() {
      const truth = await truthAfter(load, stub)
      for (const { kind, fromMs, toMs } of truth.outages)
        journal.record({
          kind: 'note',
          text: `the stub: ${kind} from ${fromMs - journal.clock.wallStartMs} to ${toMs - journal.clock.wallStartMs} ms`,
        })
      journal.record({ kind: 'trial.closed', reason: 'completed' })
      await journal.close()
      return { ratePerSecond: plan.ratePerSecond, host, journal: await readJournal(journalPath), truth }
    },
  }
}

async function truthAfter(load: RunningLoad, stub: Stub): Promise<Truth> {
  await load.ended
  await stub.visitor.signal('SIGINT')
  return within(startLimitMs, 'waiting for the stub to say what it did', stub.truth)
}

interface Stub {
  name: string
  visitor: Visitor
  truth: Promise<Truth>
}

async function startStub({ engine, world, network, name, plan, saw }: LaneOptions): Promise<Stub> {
  const visitor = await engine.visit({
    world,
    name: `${world}-stub-${name}`,
    image: stubImage,
    labels: { 'blackstart.role': 'helper' },
    command: ['--input-type=module-typescript', '-'],
    environment: { PLAN: JSON.stringify(plan.outages), PORT: String(port) },
    network,
  })
  await visitor.start(await readFile(new URL('./stub.ts', import.meta.url)))
  const ready = Promise.withResolvers<void>()
  const truth = readTruth(visitor, { ready: ready.resolve, saw })
  truth.catch(ready.reject)
  await within(startLimitMs, 'waiting for the stub to listen', ready.promise)
  return { name: `${world}-stub-${name}`, visitor, truth }
}

async function readTruth(visitor: Visitor, on: { ready(): void; saw(): void }): Promise<Truth> {
  const outages: Truth['outages'] = []
  const others: string[] = []
  for await (const text of createInterface({ input: visitor.output })) {
    const line = parsed(text)
    if (line === undefined) others.push(text)
    else if (line.is === 'ready') on.ready()
    else if (line.is === 'outage') {
      const { is: _, ...outage } = line
      outages.push(outage)
      on.saw()
    } else if (line.is === 'given') return { outages, given: { served: line.served, refused: line.refused } }
  }
  throw new InstrumentError(`the stub ended before it said what it did: ${others.slice(-3).join(' ') || 'no word'}`)
}

function parsed(text: string): ReturnType<typeof parseStubLine> {
  try {
    return parseStubLine(text)
  } catch (cause) {
    throw new InstrumentError(`the stub wrote a line that cannot be read: ${messageOf(cause)}`, { cause })
  }
}

function scenarioOf({ ratePerSecond, outages }: LanePlan): Scenario {
  return scenarioSchema.parse({
    name: 'calibration',
    title: 'A stub stops, stalls and fails at planned moments; nothing else is broken',
    load: {
      ratePerSecond,
      timeoutMs,
      // A client waits for at most its time-out, so at most this many are under way at the same time, and some to spare.
      // Not more: each has a connection of its own, and to close them all takes the stub time.
      maxVirtualUsers: Math.ceil((1.3 * ratePerSecond * timeoutMs) / 1000) + 50,
    },
    steadyMs: leadMs,
    faults: [{ kind: 'none', target: { scope: 'nothing' }, forMs: outages.at(-1)?.forMs ?? 1 }],
    observeMs: streamMs({ ratePerSecond, outages }),
    objectives: { window: { p99Ms } },
  })
}

/** The smallest world that a client can enter. */
function topologyOf(world: string, stub: string): Topology {
  return {
    world,
    sites: [{ name: 'edge', kind: 'edge' }],
    links: [],
    timeouts: {},
    nodes: [
      {
        name: 'stub',
        role: 'router',
        site: 'edge',
        ports: {},
        attributes: { 'router.entry': `http://${stub}:${port}` },
      },
    ],
  }
}

function open(
  { record, clock }: Journal,
  { scenario, topology, name, facts }: { scenario: Scenario; topology: Topology; name: string; facts: Facts },
): void {
  record({
    kind: 'trial.opened',
    schemaVersion,
    trialId: name,
    seed: 0,
    scenario,
    topology,
    wallStartMs: clock.wallStartMs,
    ...facts,
  })
}
