import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { UsageError } from './errors.mjs'

/**
 * Where the package lies: docker-compose.yml, the sources of the images, templates, schemas, node_modules. What set-up
 * installs and keeps for all users of the package is in its `.blackstart/`.
 */
export const PACKAGE_ROOT = resolve(fileURLToPath(new URL('..', import.meta.url)))

/**
 * The folder in which the user works, where the user has chosen one: runs/, .env, the worlds' state, and the git commit
 * of a run are there.
 * @param {Record<string, string | undefined>} env BLACKSTART_WORK_DIR may be relative to the current folder
 * @returns {{ folder: string | undefined } | { problem: string }} no folder where the user has chosen none: then it is
 * the package's
 */
export function chosenWorkFolder(env) {
  const chosen = env['BLACKSTART_WORK_DIR']
  if (chosen === undefined) return { folder: undefined }
  if (chosen === '') return { problem: 'BLACKSTART_WORK_DIR is empty: name the folder to work in, or unset it' }
  const folder = resolve(chosen)
  if (isFolder(folder)) return { folder }
  return {
    problem: `BLACKSTART_WORK_DIR names ${folder}, and there is no such folder: make it (mkdir -p '${folder}'), or unset BLACKSTART_WORK_DIR to work in ${PACKAGE_ROOT}`,
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
  return chosen.folder ?? PACKAGE_ROOT
}

/** @param {string} path @returns {boolean} */
function isFolder(path) {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}
