/**
 * As whom the harness speaks to a world's components, and the passwords of a world's components, by the names that its Compose files know them by. They come from the environment, or from `.env` beside the Compose
 * file, as for Compose; set-up makes that one. They are never in a label, so in no topology and no journal either: labels hold names.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnvFile } from '../../setup/env-file.mjs'
import { EnvironmentError, messageOf } from '../errors.ts'
import type { Node } from '../topology/topology.ts'
import { projectRoot } from './state.ts'

/** The value of a variable; undefined where there is none. */
export function passwordOf(variable: string | undefined): string | undefined {
  if (variable === undefined) return undefined
  return process.env[variable] || envFile().get(variable)
}

/** As whom, and to which database, the harness speaks on a node. Its labels say so: the password's by the name of a variable. */
export function databaseAccess({ attributes }: Node): { user: string; database: string; password: string | undefined; ssl: false } {
  // Without encryption, whatever PGSSLMODE asks for: it is about the databases that people have elsewhere.
  return { ssl: false, user: attributes['database.user'] ?? 'blackstart', database: attributes['database.name'] ?? 'postgres', password: passwordOf(attributes['database.password']) }
}

/** Patroni answers questions to everybody, and takes orders from those who know its password. */
export function patroniAuthorization({ attributes }: Node): Record<string, string> {
  const password = passwordOf(attributes['rest.password'])
  return password === undefined ? {} : { authorization: `Basic ${Buffer.from(`patroni:${password}`).toString('base64')}` }
}

/** Who the harness is to the DCS; undefined where that asks nobody. */
export function dcsAccess({ attributes }: Node): { name: string; password: string | undefined } | undefined {
  const name = attributes['dcs.user']
  return name === undefined ? undefined : { name, password: passwordOf(attributes['dcs.password']) }
}

function envFile(): Map<string, string> {
  const path = join(projectRoot, '.env')
  try {
    return parseEnvFile(existsSync(path) ? readFileSync(path, 'utf8') : '', process.env)
  } catch (error) {
    throw new EnvironmentError(`cannot read the passwords in ${path}: ${messageOf(error)}`, { cause: error })
  }
}
