/**
 * The file `.env` in the folder in which the user works: the world's passwords, and other variables that its Compose
 * files use.
 */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnvFile } from '../setup/env-file.mjs'
import { EnvironmentError, messageOf } from './errors.ts'
import { fileProblem } from './files.ts'
import { workRoot } from './roots.ts'

export function envFilePath(): string {
  return join(workRoot(), '.env')
}

/** What the file says; nothing where there is none. @throws EnvironmentError when it cannot be read */
export function readEnvFile(): Map<string, string> {
  const path = envFilePath()
  try {
    return parseEnvFile(existsSync(path) ? readFileSync(path, 'utf8') : '', process.env)
  } catch (error) {
    throw new EnvironmentError(
      `the world's passwords, in ${path}, cannot be read: ${fileProblem(error) ?? messageOf(error)}`,
      { cause: error },
    )
  }
}

/** The file in a world's state folder that holds the passwords of a generated world, which stand in its Compose file. */
export const worldPasswordsFile = 'passwords.json'

/** Passwords of all worlds of this folder, by names of our own. */
export function readWorldPasswords(): Map<string, string> {
  const files = globSync(join(workRoot(), '.blackstart', 'worlds', '*', worldPasswordsFile))
  return new Map(files.flatMap((file) => Object.entries(JSON.parse(readFileSync(file, 'utf8')) as object)))
}
