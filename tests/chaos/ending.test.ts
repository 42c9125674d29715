// Goal: whoever stops reading a run (`run … 2>&1 | head`) has interrupted it: what was broken is healed, the journal
// tells it to the end, and the exit status is no verdict.
//
//   run region-blackhole ──► stdout and stderr ──x── at "fault proved" ──► heal, proved ──► 130 ──► status: nothing is broken
//
// Method: the command line as a process of its own on a real world; both of its pipes are closed while the region is
// cut off.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, test } from 'vitest'
import { readJournal } from '../../chaos/journal/read.ts'
import { faultsOf } from '../../chaos/judge/faults.ts'
import { findRun } from '../../chaos/run/folder.ts'
import { healWorld } from '../../chaos/world/heal.ts'
import { lockOwner } from '../../chaos/world/lock.ts'
import { UndoLedger } from '../../chaos/world/undo.ts'
import { referenceWorld, type TestWorld } from './world.ts'

let world: TestWorld
beforeAll(async () => {
  world = await referenceWorld()
})

const main = fileURLToPath(new URL('../../chaos/cli/main.ts', import.meta.url))

test('a run whose reader goes away while a region is cut off heals it, proves that, and ends with 130', async () => {
  const run = spawn(process.execPath, [main, 'run', 'region-blackhole', '--world', world.name], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  run.stderr.on('data', (text) => {
    said += String(text)
    if (!said.includes('fault proved')) return
    run.stdout.destroy()
    run.stderr.destroy()
  })
  const [status] = (await once(run, 'exit')) as [number | null]
  expect(said).toContain('fault proved')
  expect(status, said).toBe(130)

  const journal = await readJournal(join(findRun('last'), 'journal.ndjson'))
  expect(
    faultsOf(journal).map(({ requested, healFailed, healedMs }) => [requested.fault, healFailed, healedMs !== null]),
  ).toEqual([['blackhole', null, true]])
  expect(journal.of('trial.closed')).toMatchObject([
    { reason: 'interrupted', detail: expect.stringContaining('the output cannot be written any more (EPIPE)') },
  ])

  expect(lockOwner(world.name)).toBeUndefined()
  expect(
    new UndoLedger({
      world: world.name,
      engine: world.engine,
      topology: () => world.engine.topology(world.name),
    }).entries(),
  ).toEqual([])
  // Nor does the world itself show anything that a heal would find.
  expect(await healWorld(world.engine, world.name)).toEqual([])
})
