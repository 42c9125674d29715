/** Saves the logs of the world's containers during the trial, one file for each node. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Engine, isVisitor } from '../engine/engine.ts'

/** At most this many lines a node: enough for a trial, bounded for a disk. */
const lines = 5_000

export async function saveLogs(engine: Engine, world: string, folder: string, since: Date): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const containers = (await engine.containers(world)).filter((container) => !isVisitor(container))
  await Promise.all(
    containers.map(async (container) => {
      // A service's name is a label's value, and must not lead out of the folder.
      writeFileSync(
        join(folder, `${container.service.replaceAll(/[^\w.-]/g, '_')}.log`),
        await engine.log(container, { lines, since }),
      )
    }),
  )
}
