/** One harness a world at a time: the second is refused with the first one's name. */
import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { EnvironmentError } from '../errors.ts'
import { isAlive, ownerSchema, thisProcess, type Owner } from './owner.ts'
import { worldFolder } from './state.ts'

/**
 * Takes a world for this process.
 * @throws EnvironmentError naming the process that has it
 */
export function lockWorld(world: string): Disposable {
  const path = join(worldFolder(world), 'lock')
  for (let tries = 0; tries < 2; tries++) {
    try {
      // `wx` creates or fails, in one step.
      const file = openSync(path, 'wx', 0o600)
      writeSync(file, JSON.stringify(thisProcess()))
      closeSync(file)
      return { [Symbol.dispose]: () => rmSync(path, { force: true }) }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      const owner = lockOwner(world)
      if (owner) throw new EnvironmentError(`the world ${world} is used by "${owner.command}" (process ${owner.pid}); wait for it, or end it, or use another world with --world`)
      rmSync(path, { force: true })
    }
  }
  throw new EnvironmentError(`cannot lock the world ${world}: another process takes ${path} again and again`)
}

/** The living owner of a world's lock, if there is one. */
export function lockOwner(world: string): Owner | undefined {
  try {
    const owner = ownerSchema.parse(JSON.parse(readFileSync(join(worldFolder(world), 'lock'), 'utf8')))
    return isAlive(owner) ? owner : undefined
  } catch {
    return undefined
  }
}
