/**
 * A lock that one process has at a time, and that ends with its process.
 *
 * It is the kernel's, on a file, through SQLite (which is part of Node). A lock file that names its owner would not do:
 * two processes that find a dead owner at the same moment would both take the lock. The JSON file beside the lock only
 * says who has it.
 */
import { accessSync, constants, readFileSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { EnvironmentError, messageOf } from '../errors.ts'
import { ownerWords, replaceFile } from '../files.ts'
import { isAlive, type Owner, ownerSchema, thisProcess } from './owner.ts'

/** SQLite's result code for "another process has it", and those for a file that it may not use. */
const busy = 5
const forbidden = [3, 8, 14]

/**
 * Takes the lock for this process, or returns undefined when another has it.
 * @param path without an ending
 * @param what the lock is of, for the error: "the world east"
 * @throws EnvironmentError when the file may not be used, saying whose it is
 */
export function takeLock(path: string, what: string, owner: Owner = thisProcess()): Disposable | undefined {
  const lock = locked(`${path}.db`, what)
  if (!lock) return undefined
  replaceFile(ownerFileOf(path), JSON.stringify(owner), { mode: 0o600 })
  let isHeld = true
  return {
    [Symbol.dispose]() {
      if (!isHeld) return
      isHeld = false
      rmSync(ownerFileOf(path), { force: true })
      lock.close()
    },
  }
}

function locked(path: string, what: string): DatabaseSync | undefined {
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
        : `remove it when ${what} is not in use`
    throw new EnvironmentError(
      `${what} cannot be taken, since its lock ${path} cannot be used (${messageOf(error)}): ${remedy}`,
      { cause: error },
    )
  }
}

/** The living owner of a lock, if there is one. It is named a moment after it has the lock. */
export function ownerOfLock(path: string): Owner | undefined {
  try {
    const owner = ownerSchema.parse(JSON.parse(readFileSync(ownerFileOf(path), 'utf8')))
    return isAlive(owner) ? owner : undefined
  } catch {
    return undefined
  }
}

/** The file that says which process has a lock. */
export function ownerFileOf(path: string): string {
  return `${path}.json`
}
