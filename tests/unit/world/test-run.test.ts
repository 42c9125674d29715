// Goal: of two runs of tests on one engine, in whatever checkouts, the second waits and says for whom; a dead first does
// not bar the way; and runs on two engines do not meet.
// Method: a real process that has the test worlds, and is killed.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { packageRoot } from '../../../chaos/roots.ts'
import { takeTestWorlds } from '../../test-run.ts'

const file = fileURLToPath(new URL('../../test-run.ts', import.meta.url))
const program = (engine: string) =>
  `import { takeTestWorlds } from ${JSON.stringify(file)}; await takeTestWorlds('${engine}'); console.log('has them'); setInterval(() => {}, 1e9)`

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'blackstart-test-run-'))
  vi.stubEnv('TMPDIR', folder)
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

test('the second run waits for the first, says for whom, and goes on when the first is killed', async () => {
  const first = spawn(process.execPath, ['--input-type=module', '-e', program('E1')], {
    env: { ...process.env, BLACKSTART_WORK_DIR: folder },
  })
  try {
    await once(createInterface({ input: first.stdout }), 'line')
    await takeTestWorlds('E2')
    const said: string[] = []
    const who = `the tests of ${packageRoot} (process ${first.pid}) have them`
    await expect(takeTestWorlds('E1', { limitMs: 1, say: (line) => said.push(line) })).rejects.toThrow(who)
    expect(said).toEqual([`waiting for the test worlds of this engine: ${who}`])
    const turn = takeTestWorlds('E1', { say: () => first.kill('SIGKILL') })
    await turn
    // Another project of the same run.
    await takeTestWorlds('E1', { limitMs: 1 })
  } finally {
    first.kill('SIGKILL')
  }
})
