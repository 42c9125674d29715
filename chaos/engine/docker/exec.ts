/** Runs a command in a container of the world, with the engine's exec. */
import { PassThrough } from 'node:stream'
import { InstrumentError, messageOf } from '../../errors.ts'
import { within } from '../../wait.ts'
import { type Container, type Ran, type RunLimits, RunsOn, TooMuchOutput } from '../engine.ts'
import type { Daemon } from './daemon.ts'
import { endExec } from './exec-end.ts'

const limits: RunLimits = { limitMs: 20_000, mostBytes: 64 * 2 ** 20 }

/** Runs it and returns its output. @throws InstrumentError with its output and exit status when it failed */
export async function execIn(
  daemon: Pick<Daemon, 'docker'>,
  container: Pick<Container, 'id'>,
  command: string[],
  { user }: { user?: string } = {},
): Promise<string> {
  const { exitStatus, output, complaints } = await runIn(daemon, container, command, {
    ...limits,
    ...(user && { user }),
  })
  if (exitStatus !== 0)
    throw new InstrumentError(
      `${wordsOf(command)}: exit status ${exitStatus ?? 'unknown'}: ${`${output}${complaints}`.trim()}`,
    )
  return `${output}${complaints}`
}

/** Runs it, however it ends. What is still running at its limit is ended. */
export async function runIn(
  { docker }: Pick<Daemon, 'docker'>,
  { id }: Pick<Container, 'id'>,
  command: string[],
  { limitMs, mostBytes, user, heard }: RunLimits & { user?: string },
): Promise<Ran> {
  const what = wordsOf(command)
  const untilMs = performance.now() + limitMs
  const inTime = <T>(work: Promise<T>) => within(Math.max(1, untilMs - performance.now()), what, work)
  const exec = await inTime(
    docker.getContainer(id).exec({ Cmd: command, AttachStdout: true, AttachStderr: true, ...(user && { User: user }) }),
  )
  const stream = await inTime(exec.start({}))
  const [output, complaints] = [new PassThrough(), new PassThrough()]
  docker.modem.demuxStream(stream, output, complaints)
  for (const part of [output, complaints]) stream.on('end', () => part.end())
  stream.on('error', (error: Error) => output.destroy(error))
  try {
    const read = (part: PassThrough) => textOf(part, { what, mostBytes, heard: part === output ? heard : undefined })
    const [said, complained] = await inTime(Promise.all([read(output), read(complaints)]))
    const { ExitCode } = await inTime(exec.inspect())
    return { exitStatus: ExitCode, output: said, complaints: complained }
  } catch (error) {
    const trouble = await endExec({ docker }, { exec, containerId: id, what })
    if (trouble === undefined) throw error
    throw new RunsOn(`${messageOf(error)}; it could not be ended: ${trouble}`, { cause: error })
  } finally {
    stream.destroy()
  }
}

async function textOf(
  part: PassThrough,
  { what, mostBytes, heard }: { what: string; mostBytes: number; heard: RunLimits['heard'] },
): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of part as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > mostBytes) throw new TooMuchOutput(`${what}: it said more than ${mostBytes} bytes`)
    chunks.push(chunk)
    heard?.(chunk)
  }
  return Buffer.concat(chunks).toString()
}

function wordsOf(command: string[]): string {
  return `running ${command.join(' ').slice(0, 80)}`
}

/**
 * A command for a shell whose "$1" is what is given: as an argument, because in the text itself a label's value would
 * be read as shell.
 */
export function inShell(script: string, given: string): string[] {
  return ['sh', '-c', script, 'sh', given]
}
