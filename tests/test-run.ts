/**
 * Test worlds have the same names in every checkout, and the engine has each name once. So one run of tests at a time
 * has an engine's test worlds, and another waits for it: they would remove each other's.
 */
import { join } from 'node:path'
import { ownerOfLock, takeLock } from '../chaos/host/file-lock.ts'
import { makeOwnFolder } from '../chaos/host/own-folder.ts'
import { thisProcess } from '../chaos/host/owner.ts'
import { packageRoot } from '../chaos/roots.ts'
import { waitUntil } from '../chaos/wait.ts'

/** Longer than a whole `npm test` takes on a small machine. */
const usualLimitMs = 45 * 60_000

/** Held until the process ends: the kernel gives it back, however that happens. */
const held = new Map<string, Disposable>()

/**
 * Returns when this process has the test worlds. It keeps them until it ends, and may ask again.
 * @param engineId two addresses may lead to one engine
 * @throws WaitError naming the run that has them
 */
export async function takeTestWorlds(
  engineId: string,
  { limitMs = usualLimitMs, say = console.log }: { limitMs?: number; say?: (line: string) => void } = {},
): Promise<void> {
  const path = join(makeOwnFolder('where runs of tests take turns'), `tests-${engineId.replace(/[^\w-]/g, '-')}`)
  // Vitest loads this file once a project, all in one process.
  if (ownerOfLock(path)?.pid === process.pid) return
  let isSaid = false
  await waitUntil(
    async () => {
      const lock = takeLock(path, 'the test worlds', { ...thisProcess(), command: `the tests of ${packageRoot}` })
      if (lock) {
        held.set(path, lock)
        return { done: true, value: undefined }
      }
      const owner = ownerOfLock(path)
      const seen = owner ? `${owner.command} (process ${owner.pid}) have them` : 'another run has them'
      if (!isSaid) say(`waiting for the test worlds of this engine: ${seen}`)
      isSaid = true
      return { done: false, seen }
    },
    { until: 'no other run of tests has the test worlds of this engine', limitMs, everyMs: 500 },
  )
}
