/** Where a world's own files are: `.blackstart/worlds/<name>/` below the project's root. */
import { mkdirSync } from 'node:fs'
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
