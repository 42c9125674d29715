import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnvFile } from './env-file.mjs'

/** What stands for "not set" where Compose does not take an empty value for it. */
const NOT_SET = new Map([
  ['COMPOSE_ANSI', 'auto'],
  ['COMPOSE_PARALLEL_LIMIT', '-1'],
  ['DOCKER_BUILDKIT', '1'],
  ...[
    'DISABLE_ENV_FILE',
    'IGNORE_ORPHANS',
    'REMOVE_ORPHANS',
    'BAKE',
    'MENU',
    'EXPERIMENTAL',
    'COMPATIBILITY',
    'CONVERT_WINDOWS_PATHS',
    'STATUS_STDOUT',
  ].map((name) => /** @type {const} */ ([`COMPOSE_${name}`, 'false'])),
])

/**
 * @param {string} name @returns {boolean} whether a variable changes what Compose does. Which parts of their own stack
 * people want is theirs to say (profiles).
 */
function isSetting(name) {
  return (
    (name.startsWith('COMPOSE_') && name !== 'COMPOSE_PROFILES') ||
    name === 'DOCKER_DEFAULT_PLATFORM' ||
    name === 'DOCKER_BUILDKIT'
  )
}

/**
 * What to add to the environment of every call of Compose, so that it does here what it does everywhere: whatever the
 * shell says, or an `.env` that Compose reads by itself, is overruled.
 * @param {Record<string, string | undefined>} env of the call
 * @param {string[]} folders of the Compose files: Compose reads the `.env` there
 * @returns {Record<string, string>} empty, if nothing is set
 */
export function composeEnvironment(env, folders) {
  const names = new Set(
    [...Object.keys(env), ...folders.flatMap((folder) => namesIn(join(folder, '.env')))].filter(isSetting),
  )
  return Object.fromEntries([...names].map((name) => [name, NOT_SET.get(name) ?? '']))
}

/** @param {string} file @returns {string[]} */
function namesIn(file) {
  try {
    return [...parseEnvFile(readFileSync(file, 'utf8')).keys()]
  } catch {
    // There is none; or Compose will refuse it, and say why.
    return []
  }
}
