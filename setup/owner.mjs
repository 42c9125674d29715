import { lstatSync } from 'node:fs'
import { userInfo } from 'node:os'
import { dirname, resolve } from 'node:path'

/**
 * Who owns a file or folder that may not be used, and how to get it back.
 * @param {string} path
 * @returns {{ whose: string, remedy: string }} `whose` names the file or the folder around it that belongs to another
 * user; both without a full stop
 */
export function ownership(path) {
  const me = process.getuid?.()
  const foreign = existing(path).find(({ uid }) => uid !== me)
  if (foreign === undefined || me === undefined)
    return {
      whose: `its permissions, or those of ${dirname(path)}, forbid it`,
      remedy: `"chmod u+rwX '${path}'" allows it, where it is yours`,
    }
  const mine = nameOfUser(me)
  return {
    whose: `${foreign.path} belongs to ${nameOfUser(foreign.uid)}, and you are ${mine}`,
    remedy: `"sudo chown -R ${mine} '${foreign.path}'" gives it to you (an earlier run as that user, with sudo for instance, leaves such files); or run this as that user`,
  }
}

/** @param {string} path @returns {{ path: string, uid: number }[]} the path, where it is there, and its folder */
function existing(path) {
  /** @type {{ path: string, uid: number }[]} */
  const found = []
  for (let at = resolve(path); found.length < 2; at = dirname(at)) {
    try {
      found.push({ path: at, uid: lstatSync(at).uid })
    } catch {
      // Not there, or not to be seen from here.
    }
    if (dirname(at) === at) break
  }
  return found
}

/** @param {number} uid @returns {string} */
function nameOfUser(uid) {
  if (uid === 0) return 'root'
  try {
    return uid === process.getuid?.() ? userInfo().username : `the user ${uid}`
  } catch {
    // A user without an entry in the system's list, as in some containers.
    return String(uid)
  }
}
