/**
 * fault: breaks something in a world that is up, by hand; the first fault begins a drill, which records everything
 * until the last heal.
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { EnvironmentError, EXIT, InstrumentError, UsageError } from '../errors.ts'
import { faultName } from '../judge/words.ts'
import { longestDrillMs } from '../limits.ts'
import { programBeside } from '../roots.ts'
import { connectDrill, type DrillConnection, type DrillLine, quietMs } from '../run/drill-line.ts'
import { readyRunsFolder } from '../run/folder.ts'
import { namesOf } from '../scenarios/names.ts'
import { kindNamed, optionsOf, parseFault, parseLength } from '../scenarios/spoken.ts'
import { checkPasswordNames } from '../stack/access.ts'
import { targetWords } from '../topology/target.ts'
import { worldFolder } from '../world/state.ts'
import { Follower } from './follow.ts'
import { untilInterrupted } from './interrupt.ts'
import { readyEngine } from './machine.ts'
import { jsonData } from './output.ts'
import type { OpenPage } from './page-beside.ts'

export interface FaultOptions {
  world: string
  for?: string | undefined
  with?: string[] | undefined
  rate?: number | undefined
  json: boolean
  openPage: OpenPage
}

/**
 * Injects, waits for the proof, and, with `--for`, for the heal and the drill's verdict. Returns the exit status: 0, or
 * 2 for what was not proved.
 */
export async function faultCommand(kind: string, target: string, options: FaultOptions): Promise<number> {
  const { world } = options
  const forMs = options.for === undefined ? undefined : parseLength(options.for)
  if (forMs !== undefined && forMs > longestDrillMs)
    throw new UsageError(
      `--for ${options.for}: a drill lasts at most ${longestDrillMs / 3_600_000}h; use a scenario file for longer faults`,
    )
  optionsOf(kindNamed(kind), options.with ?? [])
  const engine = await readyEngine('engine')
  const topology = await engine.topology(world)
  checkPasswordNames(topology)
  const spec = parseFault({ kind, target, told: options.with ?? [] }, namesOf(topology))
  const signal = untilInterrupted({
    left: () =>
      `The drill goes on without you: "npx blackstart heal${worldOption(world)}" heals everything and ends it`,
  })
  using drill = await drillWithPage(options)
  using follower = new Follower(drill, world)
  drill.send({ do: 'fault', spec, forMs })
  const injected =
    (await follower.until((line) => (line.is === 'injected' ? line : undefined), signal)) ??
    (await calledOff(drill, follower))
  if (!injected) return EXIT.interrupted
  const { faultId, unproved } = injected
  const what = faultName({ kind: spec.kind, target: targetWords(spec.target), with: spec.with })
  if (options.json)
    jsonData({
      faultId,
      ...spec,
      forMs: forMs ?? null,
      proved: unproved === undefined,
      ...(unproved !== undefined && { unproved }),
    })
  if (unproved !== undefined) follower.say(`${faultId}, ${what}, was not proved: ${unproved}`)
  if (signal.aborted) return await healNow(drill, follower, faultId)
  if (forMs === undefined) {
    follower.say(
      `${faultId} is active: ${what}. "npx blackstart heal ${faultId}${worldOption(world)}" heals it; "npx blackstart status --watch${worldOption(world)}" shows the world`,
    )
    return unproved === undefined ? 0 : 2
  }
  return await untilHealed(drill, follower, { faultId, signal, unproved: unproved !== undefined })
}

/** The drill that goes on, or one that begins now; a page shows it from its first second. */
async function drillWithPage({ world, rate, openPage }: FaultOptions): Promise<DrillConnection> {
  const goingOn = await connectDrill(world)
  await openPage({ joins: goingOn !== undefined })
  return goingOn ?? (await beginDrill(world, rate))
}

async function untilHealed(
  drill: DrillConnection,
  follower: Follower,
  { faultId, signal, unproved }: { faultId: string; signal: AbortSignal; unproved: boolean },
): Promise<number> {
  // Another command may have healed it while it was still being proved.
  const failed: Healed | undefined = follower.active.includes(faultId)
    ? await follower.until((line) => healOf(line, faultId), signal)
    : {}
  if (!failed) return await healNow(drill, follower, faultId)
  if (failed.reason !== undefined)
    throw new InstrumentError(`${faultId} could not be healed: ${failed.reason}; "npx blackstart heal" tries again`)
  if (follower.active.length > 0) {
    follower.say(`${faultId} is healed; still active: ${follower.active.join(', ')}`)
    return unproved ? 2 : 0
  }
  follower.say(
    `nothing is broken any more; the drill ends in ${quietMs / 1000} s unless you inject another fault (Ctrl-C ends only this command; the drill goes on)`,
  )
  const ended = await follower.until((line) => (line.is === 'ended' ? line : undefined), signal)
  if (!ended) return EXIT.interrupted
  follower.tellVerdict(ended.folder)
  return unproved ? 2 : 0
}

/** Without a reason it went well. */
interface Healed {
  reason?: string
}

/** The heal of this fault, no matter which command requested it. */
function healOf(line: DrillLine, faultId: string): Healed | undefined {
  if (line.is !== 'event' || !('faultId' in line.event) || line.event.faultId !== faultId) return undefined
  if (line.event.kind === 'heal.failed') return { reason: line.event.reason }
  return line.event.kind === 'heal.proved' ? {} : undefined
}

/**
 * After Ctrl-C while the fault is made ready: a drill that has not begun is cancelled; else this waits for the fault,
 * to heal it.
 */
async function calledOff(drill: DrillConnection, follower: Follower) {
  drill.send({ do: 'call-off' })
  const line = await follower.until((each) => (each.is === 'injected' || each.is === 'failed' ? each : undefined))
  return line.is === 'injected' ? line : undefined
}

/** After Ctrl-C: what this command broke is healed before it ends. */
async function healNow(drill: DrillConnection, follower: Follower, faultId: string): Promise<number> {
  drill.send({ do: 'heal', faultId })
  const { failed } = await follower.until((line) => (line.is === 'healed' ? line : undefined))
  follower.say(failed === undefined ? `${faultId} is healed` : `${faultId} could not be healed: ${failed}`)
  return EXIT.interrupted
}

/** Starts the process that runs the drill, which outlives this one. */
async function beginDrill(world: string, rate: number | undefined): Promise<DrillConnection> {
  readyRunsFolder()
  const path = join(worldFolder(world), 'drill.log')
  const log = openSync(path, 'w', 0o600)
  const main = fileURLToPath(programBeside(import.meta.url, 'main'))
  const child = spawn(
    process.execPath,
    [main, 'drill', '--world', world, ...(rate === undefined ? [] : ['--rate', String(rate)])],
    { detached: true, stdio: ['ignore', log, log, 'ipc'] },
  )
  closeSync(log)
  const listening = await Promise.race([once(child, 'message').then(() => true), once(child, 'exit').then(() => false)])
  const drill = listening ? await connectDrill(world) : undefined
  child.unref()
  if (drill) return drill
  throw new EnvironmentError(
    `the drill did not begin: ${
      readFileSync(path, 'utf8')
        .trim()
        .replace(/^blackstart: /, '') || `see ${path}`
    }`,
  )
}

function worldOption(world: string): string {
  return world === 'blackstart' ? '' : ` --world ${world}`
}
