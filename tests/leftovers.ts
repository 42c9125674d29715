/** Before and after what brings up containers: removes test worlds that a killed run left behind. Only their label is looked at. */
import { Engine } from '../chaos/world/engine.ts'
import { lockOwner } from '../chaos/world/lock.ts'
import { down } from '../chaos/world/up.ts'
import { testWorldPrefix } from './chaos/world.ts'

export async function setup(): Promise<void> {
  await removeTestWorlds()
}

export async function teardown(): Promise<void> {
  await removeTestWorlds()
}

async function removeTestWorlds(): Promise<void> {
  const engine = new Engine()
  for (const world of (await engine.worlds()).keys()) {
    // Another checkout's suite may be running on this machine.
    if (world.startsWith(testWorldPrefix) && !lockOwner(world)) await down(engine, world)
  }
}
