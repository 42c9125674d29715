/**
 * Worlds of this user in other folders of this machine. Their containers share the engine's addresses and this
 * machine's ports, so each world that has chosen some leaves word where its settings are.
 */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isOwnFolder, makeOwnFolder, ownFolder } from '../host/own-folder.ts'

const use = 'where your worlds leave word of their settings'
/** Word of settings that are gone is removed after this time: until then they may be about to be written. */
const oldAfterMs = 3_600_000

export function leaveWord(settingsPath: string): void {
  makeOwnFolder(use)
  makeOwnFolder(use, folder())
  writeFileSync(wordOf(settingsPath), settingsPath, { mode: 0o600 })
}

export function takeBackWord(settingsPath: string): void {
  rmSync(wordOf(settingsPath), { force: true })
}

/** Paths of settings of which there is word, and which exist. @throws EnvironmentError when the folder is not ours */
export function settingsElsewhere(): string[] {
  if (!isOwnFolder(ownFolder(), use) || !isOwnFolder(folder(), use)) return []
  return readdirSync(folder()).flatMap((name) => {
    const word = join(folder(), name)
    try {
      const path = readFileSync(word, 'utf8')
      if (existsSync(path)) return [path]
      if (Date.now() - statSync(word).mtimeMs > oldAfterMs) rmSync(word, { force: true })
      return []
    } catch (error) {
      // It was taken back just now.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw error
    }
  })
}

function folder(): string {
  return join(ownFolder(), 'worlds')
}

function wordOf(settingsPath: string): string {
  return join(folder(), createHash('sha256').update(settingsPath).digest('hex').slice(0, 20))
}
