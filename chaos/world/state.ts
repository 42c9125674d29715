/** Where a world's own files are: `.blackstart/worlds/<name>/` below the project's root, and `.blackstart/locks/` for who has it. */
import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The project's root: where docker-compose.yml is. */
export const projectRoot = fileURLToPath(new URL('../../', import.meta.url))

/** The folder of a world's state; made when missing. */
export function worldFolder(world: string): string {
  const folder = join(projectRoot, '.blackstart', 'worlds', world)
  mkdirSync(folder, { recursive: true })
  return folder
}

/** Where locks are: not with a world's state, which goes with the world while somebody holds the lock; made when missing. */
export function locksFolder(): string {
  const folder = join(projectRoot, '.blackstart', 'locks')
  mkdirSync(folder, { recursive: true })
  return folder
}

/** Where a drill takes orders. Short, whatever the project's own path: the system takes some hundred characters. */
export function drillSocket(world: string): string {
  return join(tmpdir(), `blackstart-${createHash('sha256').update(join(projectRoot, world)).digest('hex').slice(0, 20)}.sock`)
}
