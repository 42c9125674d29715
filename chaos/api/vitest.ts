/// <reference lib="esnext.disposable" preserve="true" />
/// <reference types="node" preserve="true" />
/**
 * `import … from 'blackstart/vitest'`: a world for the tests of a file, and promises as matchers.
 *
 *     import { expect, test } from 'blackstart/vitest'
 *     import { scenarioNamed } from 'blackstart/scenarios'
 *
 *     test('west takes over when east loses power', async ({ world }) => {
 *       const outage = await world.trial(scenarioNamed('region-kill'))
 *       expect(outage).toRecoverWithin('10s')
 *       expect(outage).toLoseNoAckedWrites()
 *     })
 *
 * A trial takes a minute or two: give `testTimeout` in Vitest's settings room for two of them, and run one file at a time
 * (`fileParallelism: false`), since a trial beside another one measures that one.
 */
import './matchers.ts'
import type { TestAPI } from 'vitest'
import { test as base } from './vitest-package.ts'
import { openWorld, type World, type WorldOptions } from './world.ts'

export { parseDuration } from './matchers.ts'
export type { TrialOptions } from './trial.ts'
export { expect } from './vitest-package.ts'
export { openWorld, type World, type WorldOptions } from './world.ts'

/** A `test` whose `world` is opened with these options by the first test of a file that asks for it. */
export function testIn(options: WorldOptions): TestAPI<{ world: World }> {
  return base.extend<{ world: World }>({
    world: [
      // biome-ignore lint/correctness/noEmptyPattern: Vitest reads from it that this needs no other fixture
      async ({}, use) => {
        await using world = await openWorld(options)
        await use(world)
      },
      { scope: 'file' },
    ],
  })
}

/** In the world that `blackstart.yaml` describes, or in the reference world. */
export const test = testIn({})
