/** A world for a suite, brought up through testcontainers, in which tests run trials. */
import { join } from 'node:path'
import { DockerComposeEnvironment, Wait } from 'testcontainers'
import type { JournalEvent } from '../../chaos/journal/schema.ts'
import type { Verdict } from '../../chaos/judge/verdict.ts'
import { executeTrial } from '../../chaos/run/execute.ts'
import type { Scenario } from '../../chaos/scenarios/schema.ts'
import type { Topology } from '../../chaos/topology/topology.ts'
import { Engine } from '../../chaos/world/engine.ts'
import { placeDcsLeader } from '../../chaos/world/placement.ts'
import { untilReady } from '../../chaos/world/ready.ts'
import { chooseSettings, environmentOf } from '../../chaos/world/settings.ts'
import { projectRoot } from '../../chaos/world/state.ts'
import { down } from '../../chaos/world/up.ts'
import '../matchers.ts'

export const testWorldPrefix = 'blackstart-test-'

export interface TestWorld extends AsyncDisposable {
  name: string
  engine: Engine
  topology: Topology
  /** Runs a trial and returns its verdict. */
  trial(scenario: Scenario, options?: { watch?: (event: JournalEvent) => void; signal?: AbortSignal }): Promise<Verdict>
}

/** Brings a world up. `files`: Compose files on top of docker-compose.yml, relative to the project's root. */
export async function bringUpWorld(suite: string, files: string[] = []): Promise<TestWorld> {
  const engine = new Engine()
  const name = `${testWorldPrefix}${suite}`
  await down(engine, name)
  const all = ['docker-compose.yml', ...files]
  const settings = await chooseSettings(name, engine, all.map((file) => join(projectRoot, file)))
  await new DockerComposeEnvironment(projectRoot, all)
    .withProjectName(name)
    .withEnvironment(environmentOf(name, settings))
    // Ready is more than ports: the wait below asks for replication, health and every link.
    .withDefaultWaitStrategy(Wait.forAll([]))
    .up()
  const topology = await engine.topology(name)
  await untilReady(topology, { limitMs: 180_000 })
  await placeDcsLeader(topology)
  return {
    name, engine, topology,
    async trial(scenario, { watch, signal } = {}) {
      const { verdict } = await executeTrial({ scenario, engine, world: name, seed: 1, signal: signal ?? new AbortController().signal, watch, say: console.error })
      return verdict
    },
    async [Symbol.asyncDispose]() {
      // By label, for testcontainers knows only what its own process started.
      await down(engine, name)
    },
  }
}
