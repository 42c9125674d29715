import { accessSync, constants, statSync } from 'node:fs'
import { join } from 'node:path'
import { ownership } from '../owner.mjs'

/** Where every command that touches a world writes, in the folder in which the user works. */
const WRITTEN = ['', '.blackstart', '.blackstart/locks', '.blackstart/worlds']

/**
 * A folder of another user is reported in one sentence now, before a world is brought up whose lock cannot be taken.
 * @param {import('../host/host.mjs').Host} host
 * @returns {import('../step.mjs').Step}
 */
export function writableStep(host) {
  return {
    name: 'writable',
    async check() {
      // In a checkout, set-up's logs are the package's: a user who works in another folder needs them only if set-up has
      // work to do.
      const logs = host.kept === join(host.work, '.blackstart') ? ['.blackstart/logs'] : []
      const [root, own, ...others] = [...WRITTEN, ...logs]
        .map((folder) => join(host.work, folder))
        .map((path) => (statSync(path, { throwIfNoEntry: false }) === undefined ? undefined : path))
      // The folder around need not be ours, once the folder in it is.
      const refused = [own ?? root, ...others].find((path) => path !== undefined && !isWritable(path))
      if (refused === undefined) return undefined
      const { whose, remedy } = ownership(refused)
      return { found: `this user may not write to ${refused}: ${whose}`, remedy }
    },
  }
}

/** @param {string} path */
function isWritable(path) {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}
