/**
 * As whom the harness speaks to a world's components, and the passwords of a world's components, by the names that its
 * Compose files know them by. They come from the environment, or from the checkout's `.env`; set-up makes that one.
 * They are never in a label, so in no topology and no journal either: labels hold names.
 *
 * A label may name what is a password of the world and nothing else: whoever carries the label is who gets the value,
 * and the environment holds more than that world's secrets.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnvFile } from '../../setup/env-file.mjs'
import { EnvironmentError, messageOf, UsageError } from '../errors.ts'
import { fileProblem } from '../files.ts'
import type { Node, Topology } from '../topology/topology.ts'
import { projectRoot } from '../world/state.ts'

const prefix = 'BLACKSTART_PASSWORD_'

/**
 * The value of a variable; undefined where there is none, or no name: a file that is merged takes a label back by
 * emptying it.
 * @throws UsageError for one that is no password of the world: `.env` does not define it, and its name does not say so
 */
export function passwordOf(variable: string | undefined): string | undefined {
  if (!variable) return undefined
  const file = envFile()
  const refused = refusal(variable, file)
  if (refused) throw new UsageError(refused)
  return process.env[variable] || file.get(variable)
}

/**
 * Whether the labels of a world name nothing but its passwords; asked before anybody speaks to it.
 * @throws UsageError naming the node, the label and what to write
 */
export function checkPasswordNames({ nodes }: Topology): void {
  const file = envFile()
  for (const { name, attributes } of nodes) {
    for (const [key, variable] of Object.entries(attributes)) {
      const refused = key.endsWith('.password') && variable !== '' && refusal(variable, file)
      if (refused) throw new UsageError(`${name} has the label blackstart.${key}="${variable}": ${refused}`)
    }
  }
}

function refusal(variable: string, file: Map<string, string>): string | undefined {
  if (!/^\w+$/.test(variable))
    return `"${variable}" is no name of a variable; the label holds the name under which ${join(projectRoot, '.env')} has the password`
  if (variable.startsWith(prefix) || file.has(variable)) return undefined
  return `the variable ${variable} is not known as a password of the world, and may be anything in your environment: define it in ${join(projectRoot, '.env')}, or give it a name that begins with ${prefix}`
}

/**
 * As whom, and to which database, the harness speaks on a node. Its labels say so: the password's by the name of a
 * variable.
 */
export function databaseAccess({ attributes }: Node): {
  user: string
  database: string
  password: string | undefined
  ssl: false
} {
  // Without encryption, whatever PGSSLMODE asks for: it is about the databases that people have elsewhere.
  return {
    ssl: false,
    user: attributes['database.user'] ?? 'blackstart',
    database: attributes['database.name'] ?? 'postgres',
    password: passwordOf(attributes['database.password']),
  }
}

/** Patroni answers questions to everybody, and takes orders from those who know its password. */
export function patroniAuthorization({ attributes }: Node): Record<string, string> {
  const password = passwordOf(attributes['rest.password'])
  return password === undefined
    ? {}
    : { authorization: `Basic ${Buffer.from(`patroni:${password}`).toString('base64')}` }
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
    throw new EnvironmentError(
      `the world's passwords, in ${path}, cannot be read: ${fileProblem(error) ?? messageOf(error)}`,
      { cause: error },
    )
  }
}
