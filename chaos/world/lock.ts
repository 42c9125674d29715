/**
 * A world is used by one process at a time; a second one is refused, with the name of the first.
 *
 * The lock is the kernel's, on a file, through SQLite (which is part of Node), so it ends with its process. A lock file
 * that names its owner would not do: two processes that find a dead owner at the same moment would both take the world.
 * The JSON file beside the lock only says who has it.
 */
import { accessSync, constants, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { EnvironmentError, messageOf } from '../errors.ts'
import { ownerWords, replaceFile } from '../files.ts'
import { isAlive, type Owner, ownerSchema, thisProcess } from '../host/owner.ts'
import { locksFolder } from './state.ts'

/** SQLite's result code for "another process has it", and those for a file that it may not use. */
const busy = 5
const forbidden = [3, 8, 14]
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
    const held = take(world)
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

function take(world: string): Disposable | undefined {
  const lock = locked(join(locksFolder(), `${world}.db`))
  if (!lock) return undefined
  const name = nameOf(world)
  replaceFile(name, JSON.stringify(thisProcess()), { mode: 0o600 })
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

/**
 * The file's lock; undefined when another process has it. @throws EnvironmentError when the file may not be used,
 * saying whose it is
 */
function locked(path: string): DatabaseSync | undefined {
  let lock: DatabaseSync | undefined
  try {
    lock = new DatabaseSync(path)
    // SQLite also opens a file that is read-only, and then locks nothing.
    accessSync(path, constants.W_OK)
    lock.exec('begin exclusive')
    return lock
  } catch (error) {
    lock?.close()
    const { errcode } = error as { errcode?: number }
    if (errcode === busy) return undefined
    // SQLite says what it could not do, but not who owns the file. An extended code has the plain one in its low byte.
    const remedy =
      errcode === undefined || forbidden.includes(errcode & 0xff)
        ? ownerWords(path)
        : 'remove it when the world is not in use'
    throw new EnvironmentError(
      `the world cannot be taken, since its lock ${path} cannot be used (${messageOf(error)}): ${remedy}`,
      { cause: error },
    )
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

/** The file that says which process has a world. */
export function nameOf(world: string): string {
  return join(locksFolder(), `${world}.json`)
}
