import { accessSync, constants, statSync } from 'node:fs'
import { join } from 'node:path'

/** Where every command that touches a world writes. The nearest folder that is there counts. */
const WRITTEN = ['', '.blackstart', '.blackstart/locks', '.blackstart/worlds', '.blackstart/logs']

/**
 * What root did in a checkout is not ours to write to: better one sentence now than a world whose lock cannot be taken.
 * @param {import('../host/host.mjs').Host} host
 * @returns {import('../step.mjs').Step}
 */
export function writableStep(host) {
  return {
    name: 'writable',
    async check() {
      const there = WRITTEN.map((folder) => join(host.root, folder)).map((path) => ({
        path,
        owner: statSync(path, { throwIfNoEntry: false })?.uid,
      }))
      // The checkout itself need not be ours, once the folder in it is.
      const [root, own, ...others] = there.filter(({ owner }) => owner !== undefined)
      const refused = [...(own === undefined ? [root] : [own]), ...others].find(
        (folder) => folder !== undefined && !isWritable(folder.path),
      )
      if (refused === undefined) return undefined
      return {
        found: `this user may not write to ${refused.path}, which belongs to ${refused.owner === 0 ? "root: an earlier run was root's" : `user ${refused.owner}`}`,
        remedy: `run this as that user, or take the folder over: sudo chown -R "$USER" '${join(host.root, '.blackstart')}' '${join(host.root, '.env')}'`,
      }
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
