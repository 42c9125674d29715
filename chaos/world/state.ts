/**
 * Where Blackstart keeps files about a world, in the folder in which the user works: `.blackstart/worlds/<name>/`, and
 * its lock in `.blackstart/locks/`.
 */
import { join } from 'node:path'
import { makeFolder } from '../files.ts'
import { workRoot } from '../roots.ts'

/**
 * The folder of a world's state; made when missing. @throws EnvironmentError when it cannot be: a checkout that root
 * ran first, say
 */
export function worldFolder(world: string): string {
  return made(worldPlace(world))
}

/** The same, for who only looks whether there is such a world: nothing is made. */
export function worldPlace(world: string): string {
  return join(workRoot(), '.blackstart', 'worlds', world)
}

/** Where locks are: not with a world's state, which is removed with the world while the lock is held. Nothing is made. */
export function locksPlace(): string {
  return join(workRoot(), '.blackstart', 'locks')
}

/** The same, made when missing: for who takes a lock. */
export function locksFolder(): string {
  return made(locksPlace())
}

function made(folder: string): string {
  makeFolder(folder)
  return folder
}
