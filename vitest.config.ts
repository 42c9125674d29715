import { defineConfig } from 'vitest/config'
import { lanes } from './tests/contract/harness/lane.ts'
import { Order } from './tests/order.ts'

// What is awaited comes at once or never, unless the machine is busy: a second, the default, is less than that takes at
// times.
const expect = { poll: { timeout: 20_000 } }

// Five kinds of test: what needs no Docker, what needs Chromium besides, what drives one real component, what brings up
// whole worlds of ours, and what brings up stacks of other people's. The last two do not share the machine: a trial beside
// another trial measures the neighbour. What goes on at the same time in `npm test`, setup/vitest.mjs says. In order from
// 1: on two cores Vitest takes 0 for "no order", and last. It leaves one core alone unless told otherwise.
export default defineConfig({
  test: {
    sequence: { sequencer: Order },
    // Node runs the code as it does for users, without a transformation in between that costs a fifth of the processor
    // time of the unit tests. `vi.mock` does not work so, and nothing here uses it.
    experimental: { viteModuleRunner: false, nodeLoader: false },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['tests/unit/**/*.test.ts', 'tests/second-judge/*.test.ts'],
          sequence: { groupOrder: 1 },
          maxWorkers: '100%',
          // A process for each file costs a quarter of the processor time of all. Whoever changes a global puts it back.
          isolate: false,
          // For what hangs, and no promise: these tests start commands of a second each, beside the contract tests, whose
          // harness goes before everything else on the machine.
          testTimeout: 60_000,
          expect,
        },
      },
      {
        test: {
          name: 'browser',
          include: ['tests/browser/**/*.test.ts'],
          sequence: { groupOrder: 2 },
          fileParallelism: false,
          maxWorkers: 1,
          testTimeout: 60_000,
          expect,
        },
      },
      {
        test: {
          name: 'contract',
          include: ['tests/contract/**/*.test.ts'],
          sequence: { groupOrder: 3 },
          // Mostly they wait for containers.
          maxWorkers: lanes,
          testTimeout: 60_000,
          hookTimeout: 120_000,
          expect,
          globalSetup: ['tests/leftovers.ts'],
        },
      },
      {
        test: {
          name: 'chaos',
          include: ['tests/chaos/**/*.test.ts'],
          sequence: { groupOrder: 4 },
          fileParallelism: false,
          maxWorkers: 1,
          testTimeout: 480_000,
          hookTimeout: 240_000,
          expect,
          globalSetup: ['tests/leftovers.ts'],
        },
      },
      {
        test: {
          name: 'stacks',
          include: ['tests/stacks/**/*.test.ts'],
          sequence: { groupOrder: 5 },
          fileParallelism: false,
          maxWorkers: 1,
          testTimeout: 300_000,
          hookTimeout: 240_000,
          expect,
          globalSetup: ['tests/leftovers.ts'],
        },
      },
    ],
  },
})
