/**
 * A helper container with a shell, in a link's network namespace or in the process namespace of the engine's machine.
 * It reads commands from its standard input, so that a command takes only milliseconds. It ends when that input closes,
 * so it cannot outlive Blackstart.
 */
import { PassThrough } from 'node:stream'
import type Docker from 'dockerode'
import { EnvironmentError, InstrumentError, messageOf } from '../../errors.ts'
import { within } from '../../wait.ts'
import type { Daemon } from './daemon.ts'

const helperImage = 'blackstart/helper'
const startLimitMs = 15_000
const commandLimitMs = 10_000
const removeLimitMs = 10_000
/** Ends each answer; no tool prints it. */
const mark = '\u0001'

/** The shell's part: runs each numbered line, and answers with what it printed, its status, and its number. */
export const answering = `while read -r number line; do said=$(eval "$line" 2>&1); printf '%s${mark}%d %d\\n' "$said" $? "$number"; done`

/** For a helper that signals processes of other containers. */
export const hostPowers: Docker.HostConfig = {
  PidMode: 'host',
  UsernsMode: 'host',
  NetworkMode: 'none',
  CapAdd: ['KILL'],
  SecurityOpt: ['apparmor=unconfined', 'label=disable'],
}

export interface Helper {
  /** Runs one line of shell. Returns its output. @throws InstrumentError with its output, when it failed */
  run(command: string): Promise<string>
  /** Ends it. Harmless when it has ended. */
  dispose(): Promise<void>
}

/** Starts a helper for a world. `what` is for messages: "rules at link-east-west". */
export async function startHelper(
  { docker }: Pick<Daemon, 'docker'>,
  { world, what, host }: { world: string; what: string; host: Docker.HostConfig },
): Promise<Helper> {
  const container = await docker
    .createContainer({
      Image: helperImage,
      Labels: { 'blackstart.world': world, 'blackstart.role': 'helper' },
      Cmd: ['sh', '-c', answering],
      OpenStdin: true,
      StdinOnce: true,
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
      HostConfig: { AutoRemove: true, CapDrop: ['ALL'], LogConfig: { Type: 'none', Config: {} }, ...host },
    })
    .catch((error: unknown) => {
      throw new EnvironmentError(
        `cannot make a helper container from ${helperImage} for ${what}: ${messageOf(error)}`,
        { cause: error },
      )
    })
  // The engine removes one that ended, and not one that never began.
  const remove = () => within(removeLimitMs, `removing a helper for ${what}`, container.remove({ force: true }))
  const inTime = <T>(work: Promise<T>) => within(startLimitMs, `starting a helper for ${what}`, work)
  let stream: NodeJS.ReadWriteStream | undefined
  try {
    stream = await inTime(container.attach({ stream: true, stdin: true, stdout: true, stderr: true, hijack: true }))
    const output = new PassThrough()
    docker.modem.demuxStream(stream, output, output)
    stream.on('end', () => output.end())
    stream.on('error', () => output.end())
    await inTime(container.start())
    const input = stream
    return {
      run: conversation({ input, output, what }),
      async dispose() {
        input.end()
        await remove().catch(() => {})
      },
    }
  } catch (error) {
    // One that starts after all then finds its input closed, and ends.
    stream?.end()
    await remove().catch(() => {})
    throw error
  }
}

/**
 * Our part: what runs one line of shell at a time. A command that takes too long rejects, and its late answer is no
 * answer to the next one.
 */
export function conversation({
  input,
  output,
  what,
  limitMs = commandLimitMs,
}: {
  input: NodeJS.WritableStream
  output: NodeJS.ReadableStream
  what: string
  limitMs?: number
}): Helper['run'] {
  let text = ''
  let waiting: { resolve: (said: string) => void; reject: (error: Error) => void } | undefined
  let asked = 0
  let ended = false
  output.setEncoding('utf8')
  output.on('data', (chunk: string) => {
    text += chunk
    for (;;) {
      const [answer, said = '', status, number] = new RegExp(`^([^]*?)${mark}(\\d+) (\\d+)\\n`).exec(text) ?? []
      if (answer === undefined) return
      text = text.slice(answer.length)
      if (Number(number) !== asked) continue
      if (status === '0') waiting?.resolve(said.trim())
      else waiting?.reject(new InstrumentError(`the helper for ${what} failed with status ${status}: ${said.trim()}`))
    }
  })
  const end = () => {
    ended = true
    waiting?.reject(new InstrumentError(`the helper for ${what} ended unexpectedly`))
  }
  output.on('end', end)
  input.on('error', end)
  let last: Promise<unknown> = Promise.resolve()
  return (command) => {
    // One after the other, so that a command's time begins when it does.
    const answer = last.then(() =>
      within(
        limitMs,
        `a helper for ${what}`,
        new Promise<string>((resolve, reject) => {
          if (ended) return reject(new InstrumentError(`the helper for ${what} has ended`))
          waiting = { resolve, reject }
          asked += 1
          input.write(`${asked} ${command.replaceAll('\n', ' ')}\n`)
        }),
      ),
    )
    last = answer.catch(() => {})
    return answer
  }
}
