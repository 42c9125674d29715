/** The socket on which a drill takes orders. It is in this user's own folder below the temporary one. */
import { createHash } from 'node:crypto'
import { lstatSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { EnvironmentError } from '../errors.ts'
import {
  isOwnFolder,
  makeOwnFolder,
  ownFolder,
  ownFolderName,
  refusal,
  strangeness,
  userId,
} from '../host/own-folder.ts'
import { workRoot } from '../roots.ts'

/** Bytes of a socket's path that every system accepts: macOS 104, Linux 108. */
const limitBytes = 100
const use = 'where your drills take orders'

/**
 * The path of a world's socket, whether there is one or not. It is short, however long the name of the world and the
 * path of the folder in which the user works.
 */
export function drillSocket(world: string): string {
  const name = `${createHash('sha256').update(join(workRoot(), world)).digest('hex').slice(0, 20)}.sock`
  const path = join(ownFolder(), name)
  return Buffer.byteLength(path) <= limitBytes ? path : join('/tmp', ownFolderName, name)
}

/** The same, in a folder that exists and belongs to this user. @throws EnvironmentError when it cannot be */
export function ownDrillSocket(world: string): string {
  const path = drillSocket(world)
  makeOwnFolder(use, dirname(path))
  return path
}

/**
 * Whether there is a socket that belongs to this user. False if there is no folder, or another kind of file.
 * @throws EnvironmentError when it is, or may be, another user's
 */
export function isOwnSocket(path: string): boolean {
  if (!isOwnFolder(dirname(path), use)) return false
  const there = lstatSync(path, { throwIfNoEntry: false })
  if (!there?.isSocket()) return false
  if (there.uid !== userId) throw new EnvironmentError(refusal(path, use, `it belongs to the user ${there.uid}`))
  return true
}

/** What a drill that has ended, or was killed, left behind. A folder of another user holds nothing of this one. */
export function forgetDrillSocket(world: string): void {
  const path = drillSocket(world)
  const folder = lstatSync(dirname(path), { throwIfNoEntry: false })
  if (folder && strangeness(folder) === undefined) rmSync(path, { force: true })
}
