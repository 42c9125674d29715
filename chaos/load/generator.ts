/**
 * k6 in a container on the edge: the clients. Its lines come back over the attached output and become journal events.
 */
import { readFile } from 'node:fs/promises'
import { PassThrough } from 'node:stream'
import { createInterface } from 'node:readline'
import type Docker from 'dockerode'
import type { LoadSpec } from '../scenarios/schema.ts'
import type { Topology } from '../topology/topology.ts'
import type { Engine } from '../engine/docker.ts'
import type { Instruments } from '../observers/sampler.ts'
import { EnvironmentError, InstrumentError } from '../errors.ts'
import { within } from '../wait.ts'
import { cutOff } from '../journal/load.ts'
import { parseLine, requestOf, type RequestBody, type Schedule } from './stream.ts'

export const k6Image = 'blackstart/k6:1.8.1'

export interface LoadOptions {
  engine: Engine
  topology: Topology
  load: LoadSpec
  durationMs: number
  trialId: string
  wallStartMs: number
  instruments: Instruments
}

export interface RunningLoad {
  /** Resolves when the first arrival was made. */
  started: Promise<void>
  /** Resolves when the generator has ended and every line was read. */
  ended: Promise<void>
  /**
   * Tells it to stop, where nobody knew before how long it should last. What is under way is cut off, and has no
   * record.
   */
  finish(): Promise<void>
  /** Ends it early. Harmless when it has ended. */
  stop(): Promise<void>
}

/** Starts the load. Everything it sees goes to the journal; it fails only when it cannot be started. */
export async function startLoad(options: LoadOptions): Promise<RunningLoad> {
  const { engine, load, instruments } = options
  const container = await createContainer(options)
  const stream = await container.attach({ stream: true, stdin: true, stdout: true, stderr: true, hijack: true })
  const output = new PassThrough()
  engine.docker.modem.demuxStream(stream, output, output)
  stream.on('end', () => output.end())
  stream.on('error', () => output.end())
  await container.start()
  stream.write(await readFile(new URL('./script.js', import.meta.url)))
  stream.end()

  const started = Promise.withResolvers<void>()
  let stoppedMs: number | undefined
  const read = readLines(output, options, started.resolve, (request) =>
    stoppedMs !== undefined && request.status === 0 && request.endedMs >= stoppedMs
      ? { ...request, error: cutOff }
      : request,
  )
  const ended = (async () => {
    const exit = await container.wait().catch((error: unknown) => ({ StatusCode: null, error }))
    const { iterations, dropped, complaints } = await read
    const complaint = complaints.at(-1)
    instruments.record({
      kind: 'load.ended',
      exitCode: exit.StatusCode,
      iterations,
      dropped,
      ...(complaint && { reason: complaint }),
      ...(stoppedMs !== undefined && { stoppedMs }),
    })
    started.reject(
      new InstrumentError(
        `the load generator ended before its first arrival: ${complaint ?? `exit status ${exit.StatusCode}`}`,
      ),
    )
    await container.remove({ force: true, v: true }).catch(() => {})
  })()
  started.promise.catch(() => {})
  return {
    started: within(30_000, `waiting for the load's first arrival (${load.ratePerSecond}/s)`, started.promise),
    ended,
    async finish() {
      stoppedMs = instruments.now()
      await container.kill({ signal: 'SIGINT' }).catch(() => {})
      await within(10_000, 'waiting for the load generator to end', ended)
    },
    async stop() {
      await container.kill().catch(() => {})
      await within(10_000, 'waiting for the load generator to end', ended)
    },
  }
}

async function createContainer({
  engine,
  topology,
  load,
  durationMs,
  trialId,
}: LoadOptions): Promise<Docker.Container> {
  const entry = topology.nodes.find((node) => node.attributes['router.entry'])?.attributes['router.entry']
  if (!entry)
    throw new EnvironmentError(
      'no router says where clients enter: give the global router the label blackstart.router.entry=http://<name>:<port>',
    )
  const edge = topology.sites.find((site) => site.kind === 'edge')
  const networks = await engine.docker.listNetworks({
    filters: { label: [`blackstart.world=${topology.world}`, `blackstart.site=${edge?.name ?? 'edge'}`] },
  })
  const network = networks[0]
  if (!network)
    throw new EnvironmentError(
      `the world ${topology.world} has no network with the label blackstart.site=edge, so there is nowhere for clients to stand`,
    )
  return engine.docker
    .createContainer({
      Image: k6Image,
      name: `${topology.world}-load-${trialId}`,
      Labels: { 'blackstart.world': topology.world, 'blackstart.role': 'load', 'blackstart.trial': trialId },
      Cmd: ['run', '--quiet', '--no-usage-report', '--address=', '--log-output=stdout', '--log-format=raw', '-'],
      Env: [
        `ENTRY=${entry}`,
        `TRIAL_ID=${trialId}`,
        `RATE=${load.ratePerSecond}`,
        `WRITE_SHARE=${load.writeShare}`,
        `TIMEOUT_MS=${load.timeoutMs}`,
        `DURATION_MS=${durationMs}`,
        `PREALLOCATED_VUS=${load.maxVirtualUsers}`,
        `MAX_VUS=${load.maxVirtualUsers}`,
      ],
      OpenStdin: true,
      StdinOnce: true,
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
      // Nothing may fill the disk with a second copy of what the journal holds.
      HostConfig: { NetworkMode: network.Name, LogConfig: { Type: 'none', Config: {} }, Dns: ['127.0.0.1'] },
    })
    .catch((error: unknown) => {
      throw new EnvironmentError(
        `cannot create the load generator's container from ${k6Image}: ${error instanceof Error ? error.message : String(error)}`,
        { cause: error },
      )
    })
}

async function readLines(
  output: PassThrough,
  { load, wallStartMs, instruments }: LoadOptions,
  started: () => void,
  seen: (request: RequestBody) => RequestBody,
) {
  let schedule: Schedule | undefined
  let iterations = 0
  let dropped = 0
  const complaints: string[] = []
  const early: string[][] = []
  for await (const text of createInterface({ input: output })) {
    const line = parseLine(text)
    if (line.is === 'attempt') {
      if (schedule) instruments.record(seen(requestOf(line.fields, schedule)))
      else early.push(line.fields)
    } else if (line.is === 'start') {
      schedule = { startMs: line.startMs, ratePerSecond: load.ratePerSecond, wallStartMs }
      instruments.record({
        kind: 'load.started',
        ratePerSecond: load.ratePerSecond,
        firstArrivalMs: line.startMs - wallStartMs,
      })
      for (const fields of early) instruments.record(requestOf(fields, schedule))
      started()
    } else if (line.is === 'summary') {
      iterations = line.iterations
      dropped = line.dropped
    } else if (text.trim() && !/Request Failed/.test(text)) {
      complaints.push(text.trim())
    }
  }
  return { iterations, dropped, complaints }
}
