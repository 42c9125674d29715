/**
 * A folder of this user's own below the temporary folder, for what the processes of a machine tell each other, in
 * whatever folder each of them works. In the temporary folder itself another user could create a file first, so the
 * owner and mode of the folder are checked before it is used.
 */
import { lstatSync, mkdirSync, type Stats } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EnvironmentError, messageOf } from '../errors.ts'

export const userId = process.getuid?.()
export const ownFolderName = `blackstart-${userId ?? 'user'}`

/** Where it is, whether it exists or not. */
export function ownFolder(): string {
  return join(tmpdir(), ownFolderName)
}

/**
 * The folder, made when missing.
 * @param use what is kept there, for the error: "where your drills take orders"
 * @throws EnvironmentError when it cannot be made, or is, or may be, another user's
 */
export function makeOwnFolder(use: string, folder = ownFolder()): string {
  try {
    mkdirSync(folder, { mode: 0o700 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST')
      throw new EnvironmentError(
        `the folder ${folder}, ${use}, cannot be made: ${messageOf(error)} (TMPDIR names another temporary folder)`,
        { cause: error },
      )
  }
  isOwnFolder(folder, use)
  return folder
}

/** Whether there is such a folder. @throws EnvironmentError when it is, or may be, another user's */
export function isOwnFolder(folder: string, use: string): boolean {
  const there = lstatSync(folder, { throwIfNoEntry: false })
  const strange = there && strangeness(there)
  if (strange !== undefined) throw new EnvironmentError(refusal(folder, use, strange))
  return there !== undefined
}

/** Why a folder is not this user's alone; undefined when it is. */
export function strangeness(folder: Stats): string | undefined {
  if (!folder.isDirectory()) return folder.isSymbolicLink() ? 'it is a link' : 'it is not a folder'
  if (folder.uid !== userId) return `it belongs to the user ${folder.uid}`
  // The kernel then lets no other user read the folder or create a file in it.
  return (folder.mode & 0o077) === 0 ? undefined : `others may use it (mode ${(folder.mode & 0o777).toString(8)})`
}

export function refusal(path: string, use: string, why: string): string {
  return `${path}, ${use}, cannot be trusted: ${why}. Remove it, or set TMPDIR to a temporary folder of your own`
}
