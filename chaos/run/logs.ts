/** Saves what the world's containers said during the trial, one file a node. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Engine } from '../world/engine.ts'
import { within } from '../wait.ts'

/** At most this many lines a node: enough for a trial, bounded for a disk. */
const tailLines = 5_000
const limitMs = 15_000

export async function saveLogs(engine: Engine, world: string, folder: string, since: Date): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const containers = (await engine.containers(world)).filter((container) => container.labels['blackstart.role'] !== 'load')
  await Promise.all(containers.map(async ({ id, service }) => {
    const logs = await within(limitMs, `reading the log of ${service}`,
      engine.docker.getContainer(id).logs({ stdout: true, stderr: true, timestamps: true, since: Math.floor(since.getTime() / 1000), tail: tailLines }))
    writeFileSync(join(folder, `${service}.log`), demultiplex(logs as unknown as Buffer))
  }))
}

/** Takes the engine's stream frames apart: 8 bytes of header (stream, 0, 0, 0, length), then so many bytes of text. */
function demultiplex(frames: Buffer): string {
  const texts: string[] = []
  for (let at = 0; at + 8 <= frames.length;) {
    const length = frames.readUInt32BE(at + 4)
    texts.push(frames.toString('utf8', at + 8, at + 8 + length))
    at += 8 + length
  }
  return texts.join('')
}
