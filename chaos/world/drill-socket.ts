/**
 * The socket on which a drill takes orders. It is in a folder of this user's own below the temporary folder. In the
 * temporary folder itself another user could create the socket first, read the orders and answer them. So the owner and
 * mode of the folder are checked before anything is sent.
 */
import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync, rmSync, type Stats } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { EnvironmentError, messageOf } from '../errors.ts'
import { workRoot } from '../roots.ts'

/** Bytes of a socket's path that every system accepts: macOS 104, Linux 108. */
const limitBytes = 100
const userId = process.getuid?.()

/**
 * The path of a world's socket, whether there is one or not. It is short, however long the name of the world and the
 * path of the folder in which the user works.
 */
export function drillSocket(world: string): string {
  const below = join(
    `blackstart-${userId ?? 'drills'}`,
    `${createHash('sha256').update(join(workRoot(), world)).digest('hex').slice(0, 20)}.sock`,
  )
  const path = join(tmpdir(), below)
  return Buffer.byteLength(path) <= limitBytes ? path : join('/tmp', below)
}

/** The same, in a folder that exists and belongs to this user. @throws EnvironmentError when it cannot be */
export function ownDrillSocket(world: string): string {
  const path = drillSocket(world)
  try {
    mkdirSync(dirname(path), { mode: 0o700 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST')
      throw new EnvironmentError(
        `the folder for the sockets of drills cannot be made: ${messageOf(error)} (TMPDIR names another temporary folder)`,
        { cause: error },
      )
  }
  isOwnFolder(dirname(path))
  return path
}

/**
 * Whether there is a socket that belongs to this user. False if there is no folder, or another kind of file.
 * @throws EnvironmentError when it is, or may be, another user's
 */
export function isOwnSocket(path: string): boolean {
  if (!isOwnFolder(dirname(path))) return false
  const there = lstatSync(path, { throwIfNoEntry: false })
  if (!there?.isSocket()) return false
  if (there.uid !== userId) throw new EnvironmentError(refusal(path, `it belongs to the user ${there.uid}`))
  return true
}

/** What a drill that has ended, or was killed, left behind. A folder of another user holds nothing of this one. */
export function forgetDrillSocket(world: string): void {
  const path = drillSocket(world)
  const folder = lstatSync(dirname(path), { throwIfNoEntry: false })
  if (folder && strangeness(folder) === undefined) rmSync(path, { force: true })
}

function isOwnFolder(folder: string): boolean {
  const there = lstatSync(folder, { throwIfNoEntry: false })
  const strange = there && strangeness(there)
  if (strange !== undefined) throw new EnvironmentError(refusal(folder, strange))
  return there !== undefined
}

/** Why a folder is not this user's alone; undefined when it is. */
function strangeness(folder: Stats): string | undefined {
  if (!folder.isDirectory()) return folder.isSymbolicLink() ? 'it is a link' : 'it is not a folder'
  if (folder.uid !== userId) return `it belongs to the user ${folder.uid}`
  // The kernel then lets no other user read the folder or create a socket in it.
  return (folder.mode & 0o077) === 0 ? undefined : `others may use it (mode ${(folder.mode & 0o777).toString(8)})`
}

function refusal(path: string, why: string): string {
  return `${path}, where your drills take orders, cannot be trusted: ${why}. Remove it, or set TMPDIR to a temporary folder of your own`
}
