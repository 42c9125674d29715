/**
 * Before and after what brings up containers: removes test worlds that a killed run left behind. Only their label is
 * looked at.
 */
import { DockerEngine } from '../chaos/engine/docker/engine.ts'
import { removeTestWorlds } from './chaos/world.ts'
import { takeTestWorlds } from './test-run.ts'

export async function setup(): Promise<void> {
  const { ID } = (await new DockerEngine().docker.info()) as { ID: string }
  await takeTestWorlds(ID)
  await removeTestWorlds()
}

export { removeTestWorlds as teardown } from './chaos/world.ts'
