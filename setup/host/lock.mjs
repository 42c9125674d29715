import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { EnvironmentError } from '../errors.mjs'
import { ownership } from '../owner.mjs'

/**
 * One set-up at a time in a checkout: two `npm ci` at once would delete each other's files.
 * @param {string} file
 * @param {{ say: (text: string) => void, limitMs?: number, pollMs?: number }} options
 * @returns {Promise<() => void>} gives the lock back; harmless when called twice
 * @throws {EnvironmentError} when the other one is still at it after the limit (30 minutes unless told)
 */
export async function lock(file, { say, limitMs = 30 * 60_000, pollMs = 500 }) {
  const startedMs = performance.now()
  let said = false
  for (;;) {
    if (take(file)) return () => release(file)
    const owner = ownerOf(file)
    if (owner === undefined ? isOld(file) : !isAlive(owner)) {
      // Its owner died without giving it back.
      rmSync(file, { force: true })
      continue
    }
    if (!said && owner !== undefined) say(`another set-up (process ${owner}) is at work here: waiting for it to finish`)
    said ||= owner !== undefined
    if (performance.now() - startedMs > limitMs)
      throw new EnvironmentError(
        `gave up after ${limitMs / 60_000} min waiting until the other set-up (process ${owner}) had finished`,
        `see what process ${owner} is doing; if it is no set-up, delete ${file}`,
      )
    await sleep(pollMs)
  }
}

/** @param {string} file @returns {boolean} */
function take(file) {
  try {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw new EnvironmentError(
      `set-up has work to do and cannot write to ${dirname(file)} (${error instanceof Error ? error.message : error})`,
      ownership(dirname(file)).remedy,
      { cause: error },
    )
  }
}

/** @param {string} file */
function release(file) {
  if (ownerOf(file) === process.pid) rmSync(file, { force: true })
}

/** @param {string} file @returns {number | undefined} */
function ownerOf(file) {
  try {
    return Number(readFileSync(file, 'utf8')) || undefined
  } catch {
    return undefined
  }
}

/** An owner creates the file a moment before it has written its number. @param {string} file @returns {boolean} */
function isOld(file) {
  return Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0) > 5000
}

/** @param {number} pid @returns {boolean} */
function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it lives, but belongs to someone else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
