/** A world is used by one process at a time; a second one is refused, with the name of the first. */
import { join } from 'node:path'
import { EnvironmentError } from '../errors.ts'
import { ownerFileOf, ownerOfLock, takeLock } from '../host/file-lock.ts'
import type { Owner } from '../host/owner.ts'
import { locksFolder, locksPlace } from './state.ts'

/**
 * A process that has just taken the lock writes its name a moment later; one that ends removes its name a moment
 * before.
 */
const namedWithinMs = 1_000

/**
 * Takes a world for this process.
 * @throws EnvironmentError naming the process that has it
 */
export function lockWorld(world: string): Disposable {
  const startMs = performance.now()
  for (;;) {
    const held = takeLock(join(locksFolder(), world), 'the world')
    if (held) return held
    const owner = lockOwner(world)
    if (owner || performance.now() - startMs > namedWithinMs) {
      const who = owner ? `"${owner.command}" (process ${owner.pid})` : 'another process (its name is not known)'
      const end = owner?.command.startsWith('blackstart drill') ? 'end it ("npx blackstart heal" does)' : 'end it'
      throw new EnvironmentError(
        `the world ${world} is used by ${who}; wait for it, or ${end}, or use another world with --world`,
      )
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
  }
}

/** The living owner of a world's lock, if there is one. */
export function lockOwner(world: string): Owner | undefined {
  return ownerOfLock(pathOf(world))
}

/** The file that says which process has a world. */
export function nameOf(world: string): string {
  return ownerFileOf(pathOf(world))
}

function pathOf(world: string): string {
  return join(locksPlace(), world)
}
