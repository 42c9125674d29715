import { existsSync, statSync } from 'node:fs'
import { dirname, join, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { UsageError } from './errors.mjs'

/** Where the package lies: docker-compose.yml, the sources of the images, templates, schemas. */
export const PACKAGE_ROOT = resolve(fileURLToPath(new URL('..', import.meta.url)))

/**
 * Whether npm put the package there. It is built then, its packages are installed, and nothing is written to it. In a
 * checkout the sources run as they are.
 * @param {string} root
 * @returns {boolean}
 */
export function isInstalled(root) {
  return existsSync(join(root, 'dist', 'cli', 'main.js')) && !existsSync(join(root, 'chaos'))
}

/**
 * The command line's own file.
 * @param {string} root
 * @returns {string}
 */
export function mainOf(root) {
  return isInstalled(root) ? join(root, 'dist', 'cli', 'main.js') : join(root, 'chaos', 'cli', 'main.ts')
}

/**
 * The folder in which the user works, where the user has chosen one: runs/, .env, the worlds' state, and the git commit
 * of a run are there.
 * @param {Record<string, string | undefined>} env BLACKSTART_WORK_DIR may be relative to the current folder
 * @returns {{ folder: string | undefined } | { problem: string }} no folder where the user has chosen none: then it is
 * the usual one
 */
export function chosenWorkFolder(env) {
  const chosen = env['BLACKSTART_WORK_DIR']
  if (chosen === undefined) return { folder: undefined }
  if (chosen === '') return { problem: 'BLACKSTART_WORK_DIR is empty: name the folder to work in, or unset it' }
  const folder = resolve(chosen)
  if (isFolder(folder)) return { folder }
  return {
    problem: `BLACKSTART_WORK_DIR names ${folder}, and there is no such folder: make it (mkdir -p '${folder}'), or unset BLACKSTART_WORK_DIR to work in ${usualWorkFolder()}`,
  }
}

/**
 * The folder in which users work who have chosen none: the checkout; of an installed package the project that uses it.
 * @returns {string}
 */
export function usualWorkFolder() {
  return isInstalled(PACKAGE_ROOT) ? projectAround(process.cwd()) : PACKAGE_ROOT
}

/**
 * @param {string} folder
 * @returns {string} the nearest folder around it that has a package.json and is not itself installed; without one that
 * folder itself
 */
function projectAround(folder) {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, 'package.json')) && !at.split(sep).includes('node_modules')) return at
    if (dirname(at) === at) return folder
  }
}

/**
 * The folder in which the user works.
 * @param {Record<string, string | undefined>} env
 * @returns {string}
 * @throws {UsageError} when BLACKSTART_WORK_DIR names no folder
 */
export function workFolder(env) {
  const chosen = chosenWorkFolder(env)
  if ('problem' in chosen) throw new UsageError(chosen.problem)
  return chosen.folder ?? usualWorkFolder()
}

/** @param {string} path @returns {boolean} */
function isFolder(path) {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}
