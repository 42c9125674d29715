/** Reads the logs of a world's containers. */
import { within } from '../../wait.ts'
import type { Container } from '../engine.ts'
import type { Daemon } from './daemon.ts'

const limitMs = 15_000

/** The last lines of a container's log, each with its time. `since`: nothing older. */
export async function logOf(
  { docker }: Pick<Daemon, 'docker'>,
  { id, service }: Pick<Container, 'id' | 'service'>,
  { lines, since }: { lines: number; since?: Date },
): Promise<string> {
  const frames = await within(
    limitMs,
    `reading the log of ${service}`,
    docker.getContainer(id).logs({
      stdout: true,
      stderr: true,
      timestamps: true,
      tail: lines,
      ...(since && { since: Math.floor(since.getTime() / 1000) }),
    }),
  )
  return demultiplex(frames as unknown as Buffer)
}

/** Takes the engine's stream frames apart: 8 bytes of header (stream, 0, 0, 0, length), then so many bytes of text. */
function demultiplex(frames: Buffer): string {
  const texts: string[] = []
  for (let at = 0; at + 8 <= frames.length; ) {
    const length = frames.readUInt32BE(at + 4)
    texts.push(frames.toString('utf8', at + 8, at + 8 + length))
    at += 8 + length
  }
  return texts.join('')
}
