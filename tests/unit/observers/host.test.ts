// Goal: watching the host tells how long its work takes, and never keeps the harness from its own.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import type { EventOf } from '../../../chaos/journal/schema.ts'

const program = join(import.meta.dirname, 'host-turns.ts')

test('it is sampled once a second, and what it needs is made in many turns of the event loop', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [program], { timeout: 20_000 })
  const told = JSON.parse(stdout) as { samples: EventOf<'host.sampled'>[]; longestMs: number; allMs: number }
  // A share of all there was, for machines differ. It is a tenth; with the longest of the loops in one turn, a third.
  expect(told.longestMs).toBeLessThan(0.25 * told.allMs)
  expect(told.samples).toHaveLength(2)
  for (const { kind, idleShare, workMs } of told.samples) {
    expect(kind).toBe('host.sampled')
    expect(idleShare).toBeGreaterThanOrEqual(0)
    expect(idleShare).toBeLessThanOrEqual(1)
    // From the cache the same steps take some 0.01 ms.
    expect(workMs).toBeGreaterThan(0.05)
  }
})
