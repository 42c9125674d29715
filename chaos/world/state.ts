/**
 * Where a world's own files are: `.blackstart/worlds/<name>/` below the project's root, and `.blackstart/locks/` for
 * who has it.
 */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { makeFolder } from '../files.ts'

/** The project's root: where docker-compose.yml is. */
export const projectRoot = fileURLToPath(new URL('../../', import.meta.url))

/**
 * The folder of a world's state; made when missing. @throws EnvironmentError when it cannot be: a checkout that root
 * ran first, say
 */
export function worldFolder(world: string): string {
  return made(join(projectRoot, '.blackstart', 'worlds', world))
}

/**
 * Where locks are: not with a world's state, which goes with the world while somebody holds the lock; made when
 * missing.
 */
export function locksFolder(): string {
  return made(join(projectRoot, '.blackstart', 'locks'))
}

function made(folder: string): string {
  makeFolder(folder)
  return folder
}
