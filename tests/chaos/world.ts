/** Worlds for suites, brought up through testcontainers, in which tests run trials. */
import { machineUnfit, type TrialOptions, trialIn } from '../../chaos/api/trial.ts'
import { DockerEngine } from '../../chaos/engine/docker/engine.ts'
import { measuredAsMissed } from '../../chaos/judge/objectives.ts'
import type { Verdict } from '../../chaos/judge/verdict.ts'
import { packageRoot } from '../../chaos/roots.ts'
import type { Scenario } from '../../chaos/scenarios/schema.ts'
import type { Topology } from '../../chaos/topology/topology.ts'
import { down } from '../../chaos/world/down.ts'
import { lockOwner } from '../../chaos/world/lock.ts'
import { chooseSettings, environmentOf, readSettings } from '../../chaos/world/settings.ts'
import { untilUp } from '../../chaos/world/up.ts'
import '../../chaos/api/matchers.ts'
import { join } from 'node:path'
import { DockerComposeEnvironment, Wait } from 'testcontainers'
import { expect, type TestContext } from 'vitest'

export const testWorldPrefix = 'blackstart-test-'

export interface TestWorld {
  name: string
  engine: DockerEngine
  topology: Topology
  /**
   * Runs a trial and returns its verdict. An inconclusive one measured nothing, for better or worse, and is run again,
   * in the open: a busy machine must not decide about the system. One that was missed never is. `needsRoom: false`: nor
   * one that only the machine was unfit for.
   */
  trial(scenario: Scenario, options?: TrialOptions): Promise<Verdict>
}

/**
 * Skips the rest of a test whose trial found this machine unfit, twice over, and says why: to count that as passed or
 * failed would both be wrong. What is promised on any machine has been asked for first: no acknowledged write is
 * absent, and never two primaries.
 */
export function unlessMachineUnfit(context: TestContext, verdict: Verdict): void {
  const why = machineUnfit(verdict)
  if (why === undefined) return
  expect(verdict.lostWriteSamples).toEqual([])
  expect(verdict.dualWritable).toEqual([])
  context.skip(`${verdict.scenario} proved nothing about time: ${why}`)
}

/**
 * A planted defect is caught when its objective is missed. On an unfit machine the judge may say inconclusive
 * instead; what it measured must be a miss all the same, and for that nothing has to be tried again.
 */
export function expectCaught(verdict: Verdict, name: Verdict['objectives'][number]['name']): void {
  const result = verdict.objectives.find((objective) => objective.name === name)
  expect(result?.verdict, verdict.summary).toBe(machineUnfit(verdict) === undefined ? 'missed' : 'inconclusive')
  expect(result && measuredAsMissed(result, verdict), result?.message ?? `nothing was promised of ${name}`).toBe(true)
}

/**
 * The world that the suites share. The first one brings it up; for the next, Compose makes anew only what `files`
 * change of it (Compose files on top of docker-compose.yml, relative to the project's root), or changed for the one
 * before. It stays until the tests are over, or another world is needed.
 */
export function referenceWorld(files: string[] = []): Promise<TestWorld> {
  return bringUp('reference', files)
}

/**
 * A world of one's own, which ends with its scope: for a defect that has to be there from the first start of its
 * databases.
 */
export async function freshWorld(name: string, files: string[]): Promise<TestWorld & AsyncDisposable> {
  // Two worlds on two cores would each measure the other.
  await removeTestWorlds()
  const world = await bringUp(name, files)
  // By label, for testcontainers knows only what its own process started.
  return { ...world, [Symbol.asyncDispose]: async () => void (await down(world.engine, world.name)) }
}

export async function removeTestWorlds(): Promise<void> {
  const engine = new DockerEngine()
  for (const world of (await engine.worlds()).keys()) {
    // Another checkout's suite may be running on this machine.
    if (world.startsWith(testWorldPrefix) && !lockOwner(world)) await down(engine, world)
  }
}

async function bringUp(suite: string, files: string[]): Promise<TestWorld> {
  const engine = new DockerEngine()
  const name = `${testWorldPrefix}${suite}`
  const all = ['docker-compose.yml', ...files]
  const settings =
    readSettings(name) ??
    (await chooseSettings(
      name,
      engine,
      all.map((file) => join(packageRoot, file)),
    ))
  await new DockerComposeEnvironment(packageRoot, all)
    .withProjectName(name)
    .withEnvironment(environmentOf(name, settings))
    // Ready is more than ports: the wait below asks for replication, health and every link.
    .withDefaultWaitStrategy(Wait.forAll([]))
    .up()
  const topology = await untilUp({ engine, world: name })
  return {
    name,
    engine,
    topology,
    trial: (scenario, options) => trialIn({ engine, name, topology }, scenario, options),
  }
}
