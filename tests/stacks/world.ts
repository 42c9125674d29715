/** Worlds of the systems in stacks/: each is brought up from a copy of its folder, as somebody would who has that alone. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TrialOptions, trialIn } from '../../chaos/api/trial.ts'
import '../../chaos/api/matchers.ts'
import { DockerEngine } from '../../chaos/engine/docker/engine.ts'
import type { Verdict } from '../../chaos/judge/verdict.ts'
import { packageRoot } from '../../chaos/roots.ts'
import type { Scenario } from '../../chaos/scenarios/schema.ts'
import type { Topology } from '../../chaos/topology/topology.ts'
import { down } from '../../chaos/world/down.ts'
import { lockWorld } from '../../chaos/world/lock.ts'
import { up } from '../../chaos/world/up.ts'
import { testWorldPrefix } from '../chaos/world.ts'

export interface StackWorld extends AsyncDisposable {
  name: string
  engine: DockerEngine
  topology: Topology
  trial(scenario: Scenario, options?: TrialOptions): Promise<Verdict>
}

/**
 * Removed with its folder, its networks and volumes, at the end of the scope. `plant`: changes its Compose file or its
 * blackstart.yaml, as somebody would who makes a mistake; each text must be in one of them, and is replaced.
 */
export async function stackWorld(
  stack: string,
  { plant = [] }: { plant?: [from: string, to: string][] } = {},
): Promise<StackWorld> {
  const engine = new DockerEngine()
  const name = `${testWorldPrefix}${stack}`
  // Where the clean-up of other tests of this checkout looks.
  const lock = lockWorld(name)
  const before = process.env['BLACKSTART_WORK_DIR']
  const folder = mkdtempSync(join(tmpdir(), `blackstart-${stack}-`))
  cpSync(join(packageRoot, 'stacks', stack), folder, { recursive: true })
  change(folder, plant)
  process.env['BLACKSTART_WORK_DIR'] = folder
  const remove = async () => {
    await down(engine, name)
    rmSync(folder, { recursive: true, force: true })
    if (before === undefined) delete process.env['BLACKSTART_WORK_DIR']
    else process.env['BLACKSTART_WORK_DIR'] = before
    lock[Symbol.dispose]()
  }
  try {
    await down(engine, name)
    const topology = await up({ engine, world: name })
    return {
      name,
      engine,
      topology,
      trial: (scenario, options) => trialIn({ engine, name, topology }, scenario, options),
      [Symbol.asyncDispose]: remove,
    }
  } catch (error) {
    await remove()
    throw error
  }
}

function change(folder: string, plant: readonly [from: string, to: string][]): void {
  const files = ['compose.yml', 'blackstart.yaml'].map((name) => join(folder, name))
  for (const [from, to] of plant) {
    const path = files.find((file) => readFileSync(file, 'utf8').includes(from))
    if (path === undefined) throw new Error(`neither ${files.join(' nor ')} has "${from}"`)
    // By a function: in a text, `$$` would become `$`.
    writeFileSync(
      path,
      readFileSync(path, 'utf8').replaceAll(from, () => to),
    )
  }
}
