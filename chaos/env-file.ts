/**
 * The file `.env` in the folder in which the user works: the world's passwords, and other variables that its Compose
 * files use.
 */
import { existsSync, readFileSync } from 'node:fs'
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
