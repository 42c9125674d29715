/** A world for a suite, brought up through testcontainers, in which tests run trials. */
import { join } from 'node:path'
import { expect, type TestContext } from 'vitest'
import { DockerComposeEnvironment, Wait } from 'testcontainers'
import type { JournalEvent } from '../../chaos/journal/schema.ts'
import type { Verdict } from '../../chaos/judge/verdict.ts'
import { liveView } from '../../chaos/report/live.ts'
import { executeTrial } from '../../chaos/run/execute.ts'
import type { Scenario } from '../../chaos/scenarios/schema.ts'
import type { Topology } from '../../chaos/topology/topology.ts'
import { Engine } from '../../chaos/world/engine.ts'
import { untilReady } from '../../chaos/world/ready.ts'
import { chooseSettings, environmentOf } from '../../chaos/world/settings.ts'
import { projectRoot } from '../../chaos/world/state.ts'
import { down, untilUp } from '../../chaos/world/up.ts'
import '../matchers.ts'

export const testWorldPrefix = 'blackstart-test-'

export interface TestWorld extends AsyncDisposable {
  name: string
  engine: Engine
  topology: Topology
  /**
   * Runs a trial and returns its verdict. An inconclusive one measured nothing, for better or worse, and is run again, in the open:
   * a busy machine must not decide about the system. One that was missed never is.
   */
  trial(scenario: Scenario, options?: { watch?: (event: JournalEvent) => void; attempts?: number }): Promise<Verdict>
}

async function trialOnce({ scenario, engine, name, watch }: { scenario: Scenario; engine: Engine; name: string; watch: ((event: JournalEvent) => void) | undefined }): Promise<Verdict> {
  const live = liveView({ stream: process.stderr, colour: false, isTTY: false, width: 120 })
  const see = (event: JournalEvent) => {
    live.record(event)
    watch?.(event)
  }
  try {
    const { verdict, folder } = await executeTrial({ scenario, engine, world: name, signal: new AbortController().signal, watch: see, say: (text) => void process.stderr.write(`${text}\n`) })
    process.stderr.write(`${scenario.name}: ${verdict.summary} (${folder})\n`)
    return verdict
  } finally {
    live.stop()
  }
}

/**
 * Skips the rest of a test whose trial found no room on this machine, three times over, and says so: to count that as passed or failed would both be
 * wrong. What is promised on any machine has been asked for first: no acknowledged write is absent, and never two primaries.
 */
export function unlessNoRoom(context: TestContext, verdict: Verdict): void {
  const check = verdict.validity.find(({ name }) => name === 'host-had-room')
  if (verdict.verdict !== 'inconclusive' || check?.holds !== false) return
  expect(verdict.lostWriteSamples).toEqual([])
  expect(verdict.dualWritable).toEqual([])
  context.skip(`${verdict.scenario} proved nothing about time: ${check.detail}`)
}

/**
 * A planted defect is caught when its objective is missed. On a machine without room the judge says inconclusive instead; what it measured must be a miss all
 * the same, and for that nothing has to be tried again.
 */
export function expectCaught(verdict: Verdict, name: Verdict['objectives'][number]['name']): void {
  const result = verdict.objectives.find((objective) => objective.name === name)
  expect(result?.verdict, verdict.summary).toBeOneOf(['missed', 'inconclusive'])
  expect(result?.message).not.toContain('not measured')
  const { actual, limit } = result ?? {}
  // Nothing measured where clients were not served again at all.
  expect(typeof actual === 'number' ? actual > Number(limit) : actual === null || actual !== limit, result?.message).toBe(true)
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
  const topology = await untilUp({ engine, world: name })
  return {
    name, engine, topology,
    async trial(scenario, { watch, attempts = 3 } = {}) {
      for (let attempt = 1; ; attempt++) {
        const verdict = await trialOnce({ scenario, engine, name, watch })
        if (verdict.verdict !== 'inconclusive' || attempt >= attempts) return verdict
        process.stderr.write(`attempt ${attempt} of ${attempts} at ${scenario.name} proved nothing: ${verdict.summary}\n`)
        await untilReady(topology, { limitMs: 120_000 })
      }
    },
    async [Symbol.asyncDispose]() {
      // By label, for testcontainers knows only what its own process started.
      await down(engine, name)
    },
  }
}
