/**
 * One harness a world at a time: the second is refused with the first one's name.
 *
 * The lock itself is the kernel's, on a file, taken through SQLite (which Node brings along): it ends with its process, however that
 * ends. A file that says who is there would have to be judged by the next process, and two that judge a dead owner at the same
 * moment both take its place. So the file beside it only tells the name.
 */
import { renameSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { EnvironmentError } from '../errors.ts'
import { isAlive, ownerSchema, thisProcess, type Owner } from './owner.ts'
import { locksFolder } from './state.ts'

/** SQLite's result code for "somebody else has it". */
const busy = 5
/** Who has just taken the lock has told its name a moment later; who ends has taken its name back a moment before. */
const namedWithinMs = 1_000

/**
 * Takes a world for this process.
 * @throws EnvironmentError naming the process that has it
 */
export function lockWorld(world: string): Disposable {
  const startMs = performance.now()
  for (;;) {
    const held = take(world)
    if (held) return held
    const owner = lockOwner(world)
    if (owner || performance.now() - startMs > namedWithinMs) {
      const who = owner ? `"${owner.command}" (process ${owner.pid})` : 'another process, which does not say its name'
      const end = owner?.command.startsWith('blackstart drill') ? 'end it ("npx blackstart heal" does)' : 'end it'
      throw new EnvironmentError(`the world ${world} is used by ${who}; wait for it, or ${end}, or use another world with --world`)
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
  }
}

function take(world: string): Disposable | undefined {
  const lock = new DatabaseSync(join(locksFolder(), `${world}.db`))
  try {
    lock.exec('begin exclusive')
  } catch (error) {
    lock.close()
    if ((error as { errcode?: number }).errcode === busy) return undefined
    throw error
  }
  const name = nameOf(world)
  writeFileSync(`${name}.new`, JSON.stringify(thisProcess()), { mode: 0o600 })
  renameSync(`${name}.new`, name)
  let isHeld = true
  return {
    [Symbol.dispose]() {
      if (!isHeld) return
      isHeld = false
      rmSync(name, { force: true })
      lock.close()
    },
  }
}

/** The living owner of a world's lock, if there is one. */
export function lockOwner(world: string): Owner | undefined {
  try {
    const owner = ownerSchema.parse(JSON.parse(readFileSync(nameOf(world), 'utf8')))
    return isAlive(owner) ? owner : undefined
  } catch {
    return undefined
  }
}

/** The file that tells who has a world. */
export function nameOf(world: string): string {
  return join(locksFolder(), `${world}.json`)
}
