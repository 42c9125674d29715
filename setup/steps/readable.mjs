import { chmodSync, lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { EnvironmentError } from '../errors.mjs'

/** What nodes mount, and what goes into their images. */
const SHOWN = ['regions', 'services']
const NOT_SHOWN = new Set(['node_modules'])
const TO_READ = 0o044
/** A folder to be entered, a script to be run. */
const TO_RUN = 0o055

/**
 * Nodes run as users of their own, and each of them must be able to read its configuration. After a clone under `umask
 * 077` only we can. The folder of the checkout stays as closed as it is.
 * @param {import('../host/host.mjs').Host} host
 * @returns {import('../step.mjs').Step}
 */
export function readableStep(host) {
  return {
    name: 'readable',
    async check() {
      if (host.platform === 'win32') return undefined
      const [first, ...others] = closedIn(host.root)
      if (first === undefined) return undefined
      return {
        found: `the nodes, which run as users of their own, cannot read ${first.path}${others.length > 0 ? ` and ${others.length} more` : ''}`,
        remedy: howToOpen(host.root),
        fix: {
          title: 'letting the nodes read regions/ and services/ (chmod go+rX; they run as users of their own)',
          run: async () => open(host.root),
        },
      }
    },
  }
}

/** @typedef {{ path: string, mode: number, wanted: number }} Closed */

/** @param {string} root @returns {Closed[]} paths relative to it */
function closedIn(root) {
  return SHOWN.flatMap((path) => closedAt(root, path))
}

/** @param {string} root @param {string} path @returns {Closed[]} */
function closedAt(root, path) {
  const found = lstatSync(join(root, path), { throwIfNoEntry: false })
  if (found === undefined || found.isSymbolicLink()) return []
  const wanted = (found.mode & 0o100) === 0 ? TO_READ : TO_RUN
  const own = (found.mode & wanted) === wanted ? [] : [{ path, mode: found.mode, wanted }]
  if (!found.isDirectory()) return own
  return [
    ...own,
    ...readdirSync(join(root, path))
      .filter((name) => !NOT_SHOWN.has(name))
      .flatMap((name) => closedAt(root, join(path, name))),
  ]
}

/** @param {string} root */
function open(root) {
  for (const { path, mode, wanted } of closedIn(root)) {
    try {
      chmodSync(join(root, path), (mode & 0o7777) | wanted)
    } catch (error) {
      throw new EnvironmentError(
        `cannot let the nodes read ${path}: ${error instanceof Error ? error.message : error}`,
        howToOpen(root),
        { cause: error },
      )
    }
  }
}

/** @param {string} root */
function howToOpen(root) {
  return `as the owner of these files: chmod -R go+rX ${SHOWN.map((folder) => join(root, folder)).join(' ')}`
}
