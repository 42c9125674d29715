/** Runs a command in a container of the world, with the engine's exec. */
import { PassThrough } from 'node:stream'
import { InstrumentError } from '../../errors.ts'
import { within } from '../../wait.ts'
import type { Container } from '../engine.ts'
import type { Daemon } from './daemon.ts'

const limitMs = 20_000

/** Runs it and returns its output. @throws InstrumentError with its output and exit status when it failed */
export async function execIn(
  { docker }: Pick<Daemon, 'docker'>,
  { id }: Pick<Container, 'id'>,
  command: string[],
  { user }: { user?: string } = {},
): Promise<string> {
  const what = `running ${command.join(' ').slice(0, 80)}`
  const exec = await within(
    limitMs,
    what,
    docker.getContainer(id).exec({ Cmd: command, AttachStdout: true, AttachStderr: true, ...(user && { User: user }) }),
  )
  const stream = await within(limitMs, what, exec.start({}))
  const output = new PassThrough()
  docker.modem.demuxStream(stream, output, output)
  stream.on('end', () => output.end())
  let said = ''
  await within(
    limitMs,
    what,
    (async () => {
      for await (const chunk of output) said += String(chunk)
    })(),
  )
  const { ExitCode } = await exec.inspect()
  if (ExitCode !== 0) throw new InstrumentError(`${what}: exit status ${ExitCode}: ${said.trim()}`)
  return said
}

/**
 * A command for a shell whose "$1" is what is given: as an argument, because in the text itself a label's value would
 * be read as shell.
 */
export function inShell(script: string, given: string): string[] {
  return ['sh', '-c', script, 'sh', given]
}
