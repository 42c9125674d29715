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
import { up } from '../../chaos/world/up.ts'
import { testWorldPrefix } from '../chaos/world.ts'

export interface StackWorld extends AsyncDisposable {
  name: string
  engine: DockerEngine
  topology: Topology
  trial(scenario: Scenario, options?: TrialOptions): Promise<Verdict>
}

/**
 * Removed with its folder, its networks and volumes, at the end of the scope. `plant`: changes its Compose file, as somebody
 * would who makes a mistake; each text must be there, and is replaced.
 */
export async function stackWorld(
  stack: string,
  { plant = [] }: { plant?: [from: string, to: string][] } = {},
): Promise<StackWorld> {
  const engine = new DockerEngine()
  const name = `${testWorldPrefix}${stack}`
  const before = process.env['BLACKSTART_WORK_DIR']
  const folder = mkdtempSync(join(tmpdir(), `blackstart-${stack}-`))
  cpSync(join(packageRoot, 'stacks', stack), folder, { recursive: true })
  change(join(folder, 'compose.yml'), plant)
  process.env['BLACKSTART_WORK_DIR'] = folder
  const remove = async () => {
    await down(engine, name)
    rmSync(folder, { recursive: true, force: true })
    if (before === undefined) delete process.env['BLACKSTART_WORK_DIR']
    else process.env['BLACKSTART_WORK_DIR'] = before
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

function change(path: string, plant: readonly [from: string, to: string][]): void {
  let text = readFileSync(path, 'utf8')
  for (const [from, to] of plant) {
    if (!text.includes(from)) throw new Error(`${path} has no "${from}"`)
    text = text.replaceAll(from, to)
  }
  writeFileSync(path, text)
}
