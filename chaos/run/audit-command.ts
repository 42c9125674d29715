/**
 * Reads writes back by a command of the user's, in the containers that their file names: it prints every stored key that
 * begins with the trial's prefix, one a line. No shell has a part in it, unless the user's command is one.
 */
import { type Engine, RunsOn, TooMuchOutput } from '../engine/engine.ts'
import { messageOf, UsageError, withNearest } from '../errors.ts'
import type { Node, Topology } from '../topology/topology.ts'
import { WaitError } from '../wait.ts'
import { type Reading, snapshotNow } from './audit-rounds.ts'
import { foundIn } from './stored-keys.ts'

export const commandLimits = {
  limitMs: 60_000,
  /** A million keys of this trial, and as many others again. */
  mostBytes: 32 * 2 ** 20,
}
/** Keys that are the trial's by their prefix, and no arrival's: beyond some they are no finding, but another format. */
const mostUnexpected = 100

interface Command {
  in: readonly string[]
  run: readonly string[]
}

/** The nodes that a file names; of a service with replicas all of them. @throws UsageError for one that is not there */
export function nodesToRunIn({ in: services }: Command, { nodes }: Topology): Node[] {
  return services.flatMap((service) => {
    const found = nodes.filter(({ name }) => name === service)
    const copies = found.length > 0 ? found : nodes.filter(({ name }) => copyOf(name) === service)
    if (copies.length > 0) return copies
    const valid = nodes.filter(({ role }) => role !== 'link' && role !== 'beacon').map(({ name }) => name)
    throw new UsageError(
      withNearest(`blackstart.yaml: audit.writes.command.in: this world has no ${service}`, service, valid),
    )
  })
}

function copyOf(name: string): string {
  return name.replace(/-\d+$/, '')
}

export interface CommandOptions {
  engine: Pick<Engine, 'containers' | 'run'>
  world: string
  command: Command
  trialId: string
  nowMs: () => number
  /** Called with how many lines were printed so far. */
  progress?: ((lines: number) => void) | undefined
  limits?: typeof commandLimits
}

/** What the command prints in one node. Whatever it does, the reason stands in the reading; it never rejects. */
export async function readByCommand(node: Node, options: CommandOptions): Promise<Reading> {
  const { command, trialId, nowMs } = options
  const failed = (reason: string): Reading => ({ kind: 'audit.failed', node: node.name, reason })
  const prefix = `${trialId}-`
  const words = command.run.map((word) => word.replaceAll('{{prefix}}', () => prefix))
  const snapshotMs = snapshotNow(nowMs)
  try {
    const printed = await linesOf(node, words, options)
    if ('problem' in printed) return failed(printed.problem)
    const { lines } = printed
    const keys = lines.filter((line) => line.startsWith(prefix))
    if (lines.length > 0 && keys.length === 0)
      return failed(
        `${quoted(words)} printed ${lines.length} lines, none of which begins with ${prefix}; the first is "${(lines[0] ?? '').slice(0, 80)}"; it must print keys as they were sent, one a line`,
      )
    const found = foundIn(keys, prefix)
    if (found.unexpected.length > mostUnexpected)
      return failed(
        `${quoted(words)} printed ${found.unexpected.length} lines that begin with ${prefix} and are no keys that were sent, such as "${(found.unexpected[0] ?? '').slice(0, 80)}"; it must print keys and nothing else`,
      )
    return { kind: 'audit.read', node: node.name, ...found, invariants: [], snapshotMs }
  } catch (error) {
    return failed(messageOf(error))
  }
}

async function linesOf(
  node: Node,
  words: string[],
  { engine, world, progress, limits = commandLimits }: CommandOptions,
): Promise<{ lines: string[] } | { problem: string }> {
  const container = (await engine.containers(world)).find(({ service }) => service === node.name)
  if (container?.state !== 'running')
    return {
      problem: `${quoted(words)} was not run: the container of ${node.name} is ${container?.state ?? 'gone'}, and a command runs only in one that runs`,
    }
  let lines = 0
  const heard = (chunk: Buffer) => {
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) lines++
    progress?.(lines)
  }
  try {
    const { exitStatus, output, complaints } = await engine.run(container, words, { ...limits, heard })
    if (exitStatus !== 0)
      return {
        problem: `${quoted(words)} ended with status ${exitStatus ?? 'unknown'}${lastWords(complaints.trim() || output.trim())}`,
      }
    return { lines: output.split(/\r?\n/).filter((line) => line !== '') }
  } catch (error) {
    if (error instanceof RunsOn) return { problem: `${quoted(words)} runs on in ${node.name}: ${messageOf(error)}` }
    if (error instanceof TooMuchOutput)
      return {
        problem: `${quoted(words)} printed more than ${limits.mostBytes / 2 ** 20} MiB, ${lines} lines so far; let it print only the keys that begin with {{prefix}}`,
      }
    if (error instanceof WaitError)
      return {
        problem: `${quoted(words)} was still running after ${limits.limitMs / 1000} s, with ${lines} lines printed, and was ended; let it print only the keys that begin with {{prefix}}`,
      }
    throw error
  }
}

/**
 * A command that finds nothing anywhere, although writes were acknowledged, proves nothing: that all is lost looks like a
 * command that does not find it.
 */
export function unlessAllSilent(readings: Reading[], { run }: Pick<Command, 'run'>, acknowledged: number): Reading[] {
  const silent = readings.every((reading) => reading.kind === 'audit.read' && reading.rows === 0)
  if (!silent || acknowledged === 0) return readings
  return readings.map(({ node }) => ({
    kind: 'audit.failed',
    node,
    reason: `${quoted(run)} printed nothing in any container, though ${acknowledged} ${acknowledged === 1 ? 'write was' : 'writes were'} acknowledged: either all of them are lost, or it does not find them; try it by hand`,
  }))
}

function quoted(words: readonly string[]): string {
  const text = words.join(' ')
  return `"${text.length > 80 ? `${text.slice(0, 79)}…` : text}"`
}

function lastWords(text: string): string {
  return text === '' ? ', without a word' : `: ${text.slice(-300)}`
}
