/**
 * The clients: k6 in a container at the edge. Its lines come back over the attached output and become journal events.
 */

import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import type { Engine, Visitor } from '../engine/engine.ts'
import { EnvironmentError, InstrumentError } from '../errors.ts'
import { cutOff } from '../journal/load.ts'
import type { Recorder } from '../journal/schema.ts'
import type { Surge } from '../scenarios/due.ts'
import type { Topology } from '../topology/topology.ts'
import { within } from '../wait.ts'
import { arrivalsFor, firstArrivalAfterMs, type PacedLoad } from './pace.ts'
import { type Clients, programOf } from './program.ts'
import { parseLine, type RequestBody, requestOf, type Schedule } from './stream.ts'
import { noteSurges } from './surge-notes.ts'

export const k6Version = '1.8.1'
export const k6Image = `blackstart/k6:${k6Version}`

export interface LoadOptions extends PacedLoad {
  engine: Engine
  topology: Topology
  trialId: string
  wallStartMs: number
  /** What a blackstart.yaml says of clients; without it, those of the reference stack. */
  clients?: Clients | undefined
  instruments: {
    record: Recorder
    /** Milliseconds since the trial's start. */
    now: () => number
  }
}

export interface RunningLoad {
  /** Resolves when the first arrival was made. */
  started: Promise<void>
  /** Resolves when the generator has ended and every line was read. */
  ended: Promise<void>
  /** Asks it to stop, if its length was not known beforehand. What is under way is cut off, and has no record. */
  finish(): Promise<void>
  /** Ends it early. Harmless when it has ended. */
  stop(): Promise<void>
}

/** Starts the load. Everything it sees goes to the journal; it fails only when it cannot be started. */
export async function startLoad(options: LoadOptions): Promise<RunningLoad> {
  const { load, instruments } = options
  const program = await programOf(options.clients)
  const hint = options.clients?.scriptText === undefined ? '' : '; a script reports its arrivals by calling attempt'
  const visitor = await makeVisitor(options, program.environment)
  await visitor.start(Buffer.from(program.text))

  const started = Promise.withResolvers<void>()
  let stoppedMs: number | undefined
  const read = readLines(visitor.output, options, started.resolve, (request) =>
    stoppedMs !== undefined && request.status === 0 && request.endedMs >= stoppedMs
      ? { ...request, error: cutOff }
      : request,
  )
  const ended = (async () => {
    const exitCode = await visitor.ended()
    const { iterations, dropped, complaint, thrown } = await read
    if (thrown !== undefined && options.clients?.scriptText !== undefined)
      instruments.record({
        kind: 'instrument.failed',
        instrument: 'load',
        reason: `${options.clients.script ?? 'the script'}: ${thrown}`,
      })
    instruments.record({
      kind: 'load.ended',
      exitCode,
      iterations,
      dropped,
      ...(complaint && { reason: complaint }),
      ...(stoppedMs !== undefined && { stoppedMs }),
    })
    started.reject(
      new InstrumentError(
        `the load generator ended before its first arrival: ${complaint ?? `exit status ${exitCode}`}${hint}`,
      ),
    )
    await visitor.remove().catch(() => {})
  })()
  started.promise.catch(() => {})
  return {
    started: within(30_000, `waiting for the load's first arrival (${load.ratePerSecond}/s)${hint}`, started.promise),
    ended,
    async finish() {
      stoppedMs = instruments.now()
      await visitor.signal('SIGINT').catch(() => {})
      await within(10_000, 'waiting for the load generator to end', ended)
    },
    async stop() {
      await visitor.signal('SIGKILL').catch(() => {})
      await within(10_000, 'waiting for the load generator to end', ended)
    },
  }
}

async function makeVisitor(options: LoadOptions, environment: Record<string, string>): Promise<Visitor> {
  const { engine, topology, load, trialId, clients } = options
  const { world } = topology
  const entry =
    clients?.enter[0] ?? topology.nodes.find((node) => node.attributes['router.entry'])?.attributes['router.entry']
  if (!entry)
    throw new EnvironmentError(
      'no router says where clients enter: give the global router the label blackstart.router.entry=http://<name>:<port>',
    )
  const edge = topology.sites.find((site) => site.kind === 'edge')
  const network = await engine.networkAt(world, edge?.name ?? 'edge')
  if (network === undefined)
    throw new EnvironmentError(
      `the world ${world} has no network with the label blackstart.site=edge, which the load generator needs`,
    )
  // Where the edge's links route, the load needs the routes of the other nodes there.
  const routes = topology.nodes.find((node) => node.site === edge?.name && node.attributes['routes'])?.attributes[
    'routes'
  ]
  return engine.visit({
    world,
    name: `${world}-load-${trialId}`,
    image: k6Image,
    labels: {
      'blackstart.role': 'load',
      'blackstart.trial': trialId,
      ...(routes !== undefined && { 'blackstart.routes': routes }),
    },
    command: ['run', '--quiet', '--no-usage-report', '--address=', '--log-output=stdout', '--log-format=raw', '-'],
    environment: {
      ENTRY: entry,
      TRIAL_ID: trialId,
      RATE: String(load.ratePerSecond),
      WRITE_SHARE: String(load.writeShare),
      TIMEOUT_MS: String(load.timeoutMs),
      ARRIVALS: JSON.stringify(arrivalsFor(options)),
      ...environment,
    },
    network,
  })
}

/** The schedule of a load that k6 started at this wall clock. */
function scheduleFrom(startMs: number, options: LoadOptions): Schedule & { durationMs: number; surges?: Surge[] } {
  const { load, durationMs, surges = [], wallStartMs } = options
  const sinceMs = startMs - wallStartMs
  return {
    wallStartMs,
    ratePerSecond: load.ratePerSecond,
    firstArrivalMs: sinceMs + firstArrivalAfterMs(options),
    durationMs,
    ...(surges.length > 0 && {
      surges: surges.map(({ fromMs, toMs, ratePerSecond }) => ({
        fromMs: sinceMs + fromMs,
        toMs: sinceMs + toMs,
        ratePerSecond,
      })),
    }),
  }
}

async function readLines(
  output: Readable,
  options: LoadOptions,
  started: () => void,
  seen: (request: RequestBody) => RequestBody,
) {
  const { instruments } = options
  const requests = options.clients?.requests
  let schedule: Schedule | undefined
  let summary: { iterations: number | null; dropped: number | null } = { iterations: null, dropped: null }
  /** The last one, and the first that is an error: a script that throws does so at each arrival. */
  const complaints: { last?: string; error?: string } = {}
  const early: string[][] = []
  using stack = new DisposableStack()
  for await (const text of createInterface({ input: output })) {
    const line = parseLine(text)
    if (line.is === 'attempt') {
      if (schedule) instruments.record(seen(requestOf(line.fields, schedule, requests)))
      else early.push(line.fields)
    } else if (line.is === 'start') {
      const { wallStartMs, ...facts } = scheduleFrom(line.startMs, options)
      schedule = { wallStartMs, ...facts }
      instruments.record({ kind: 'load.started', ...facts })
      stack.use(noteSurges(facts, instruments))
      for (const fields of early) instruments.record(requestOf(fields, schedule, requests))
      started()
    } else if (line.is === 'summary') {
      summary = line
    } else if (text.trim() && !/Request Failed/.test(text)) {
      complaints.last = text.trim()
      if (/^\w*Error: /.test(complaints.last)) complaints.error ??= complaints.last
    }
  }
  return {
    iterations: summary.iterations,
    dropped: summary.dropped,
    complaint: complaints.error ?? complaints.last,
    thrown: complaints.error,
  }
}
