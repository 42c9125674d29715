/** What a world's `blackstart.yaml` said when it was brought up: requests, audit and whatever else is no property of a node. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { EnvironmentError } from '../errors.ts'
import { replaceFile } from '../files.ts'
import { type WorldFile, worldFileSchema } from '../worldfile/schema.ts'
import { worldFolder } from './state.ts'

/** Undefined where no such file made the world. @throws EnvironmentError when it cannot be read */
export function readPlan(world: string): WorldFile | undefined {
  try {
    return worldFileSchema.parse(JSON.parse(readFileSync(pathOf(world), 'utf8')))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new EnvironmentError(
      `${pathOf(world)} cannot be read: "npx blackstart up --world ${world}" writes it again`,
      {
        cause: error,
      },
    )
  }
}

export function writePlan(world: string, plan: WorldFile): void {
  replaceFile(pathOf(world), `${JSON.stringify(plan, null, 2)}\n`)
}

function pathOf(world: string): string {
  return join(worldFolder(world), 'plan.json')
}
