/** Creates and replaces Blackstart's files and folders. If that fails, the error says why and what to do. */

import { randomBytes } from 'node:crypto'
import { mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { ownership } from '../setup/owner.mjs'
import { EnvironmentError, messageOf } from './errors.ts'

/**
 * Makes a folder, and those above it, unless it is there. One by one: below /proc Node's own `recursive` tries for
 * ever.
 * @throws EnvironmentError that says what is in the way
 */
export function makeFolder(path: string): void {
  try {
    make(resolve(path))
  } catch (error) {
    throw new EnvironmentError(`the folder ${path} cannot be made: ${fileProblem(error) ?? messageOf(error)}`, {
      cause: error,
    })
  }
}

function make(path: string): void {
  if (isFolder(path)) return
  if (dirname(path) !== path) make(dirname(path))
  try {
    mkdirSync(path)
  } catch (error) {
    // Another process was faster, unless something else has the name.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    if (!isFolder(path)) throw new Error(`${path} exists and is not a folder`, { cause: error })
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}

/**
 * Replaces whatever has the file's name: never with half a file, and never *through* a link at that place, which may
 * point anywhere. The link is replaced; its target is not changed.
 */
export function replaceFile(path: string, text: string, { mode = 0o666 }: { mode?: number } = {}): void {
  // A name that cannot be guessed, and `wx`, which opens no existing file.
  const beside = `${path}.${randomBytes(6).toString('hex')}.new`
  try {
    writeFileSync(beside, text, { flag: 'wx', mode })
    renameSync(beside, path)
  } catch (error) {
    rmSync(beside, { force: true })
    const { code } = error as NodeJS.ErrnoException
    // The error names the intended file; its folder decides who may create files there.
    throw Object.assign(error as NodeJS.ErrnoException, {
      path: code === 'EACCES' || code === 'EPERM' ? dirname(path) : path,
    })
  }
}

/** Why a file cannot be used, in words: whose it is, and what to do. Undefined for errors of other kinds. */
export function fileProblem(error: unknown): string | undefined {
  const { code, path, syscall } = error as NodeJS.ErrnoException
  if (code === undefined || syscall === undefined || /^(?:connect|spawn|listen|bind)/.test(syscall)) return undefined
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return `the disk is full (${messageOf(error)}): free some space (runs/ holds old runs) and try again`
  if (path === undefined) return undefined
  if (code === 'EROFS') return `${path} is on a file system that is read-only (${syscall}: ${code})`
  return code === 'EACCES' || code === 'EPERM'
    ? `${path} may not be used (${syscall}: ${code}): ${ownerWords(path)}`
    : undefined
}

/** Who owns a path, if it is another user, and how to get it back. */
export function ownerWords(path: string): string {
  const { whose, remedy } = ownership(path)
  return `${whose}; ${remedy}`
}
