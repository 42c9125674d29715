/** up and down: worlds by hand. */

import { UsageError } from '../errors.ts'
import { workRoot } from '../roots.ts'
import { ownWorldFile, showCompose } from '../world/generated.ts'
import { readPlan } from '../world/plan.ts'
import { readSettings } from '../world/settings.ts'
import { addresses } from './addresses.ts'
import { unansweredReads } from './first-answers.ts'
import { isInterruption, untilInterrupted } from './interrupt.ts'
import { readyEngine, readyEngineFor } from './machine.ts'
import { data, jsonData, say } from './output.ts'
import { bringUp, takeDown } from './trials.ts'

export async function bringWorldUp(world: string, files: string[] | undefined, asJson: boolean): Promise<number> {
  const engine = await readyEngineFor(world, files)
  const signal = untilInterrupted({
    doing: 'stopping',
    left: () => `Part of the world ${world} may be up: "npx blackstart down --world ${world}" removes it`,
  })
  try {
    await bringUp(engine, world, { files, signal })
  } catch (error) {
    const isThere = await engine.worlds().then(
      (worlds) => worlds.has(world),
      () => true,
    )
    if (isThere)
      say(
        `part of the world ${world} is up, to be looked at: "npx blackstart up --world ${world}" goes on from there, "npx blackstart down --world ${world}" removes it`,
      )
    throw error
  }
  const topology = await engine.topology(world)
  if (asJson) jsonData(topology, 2)
  else data(addresses(topology))
  for (const sentence of await unansweredReads(topology, readPlan(world)?.clients)) say(sentence)
  return 0
}

export async function takeWorldDown(world: string): Promise<number> {
  const engine = await readyEngine('engine')
  if (!(await engine.worlds()).has(world)) say(`there is no world ${world}; removing what else carries its label`)
  const left = `Part of the world ${world} is still there: "npx blackstart down --world ${world}" removes the rest`
  const signal = untilInterrupted({ doing: 'stopping after what is being removed', left: () => left })
  try {
    await takeDown(engine, world, signal)
  } catch (error) {
    if (isInterruption(error)) say(left)
    throw error
  }
  return 0
}

/** What `up` would bring up, for a world that `blackstart.yaml` describes. @throws UsageError where there is no such file */
export async function showComposeFile(world: string): Promise<number> {
  const path = readSettings(world)?.worldFile ?? ownWorldFile()
  if (path === undefined)
    throw new UsageError(
      `there is no blackstart.yaml in ${workRoot()}: "npx blackstart adopt" writes one from your Compose file`,
    )
  data((await showCompose(world, path)).trimEnd())
  return 0
}
