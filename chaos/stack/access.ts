/**
 * Passwords and user names with which Blackstart connects to a world's components. Labels hold the names of variables,
 * and the values come from the environment, or from `.env` in the folder in which the user works (set-up makes that
 * file). So no password is in a topology or a journal.
 *
 * A label may name only a password of the world: otherwise a Compose file could have any secret of the environment sent
 * to its container.
 */
import { envFilePath, readEnvFile, readWorldPasswords } from '../env-file.ts'
import { UsageError } from '../errors.ts'
import type { Node, Topology } from '../topology/topology.ts'

const prefix = 'BLACKSTART_PASSWORD_'

/**
 * The value of a variable; undefined where there is none, or no name: a merged Compose file removes a label by making
 * it empty.
 * @throws UsageError for one that is no password of the world: `.env` does not define it, and its name does not say so
 */
export function passwordOf(variable: string | undefined): string | undefined {
  if (!variable) return undefined
  const file = readEnvFile()
  const refused = refusal(variable, file)
  if (refused) throw new UsageError(refused)
  return process.env[variable] || file.get(variable) || readWorldPasswords().get(variable)
}

/**
 * Checks that the labels of a world name only its passwords, before anything connects to it.
 * @throws UsageError naming the node, the label and what to write
 */
export function checkPasswordNames({ nodes }: Topology): void {
  const file = readEnvFile()
  for (const { name, attributes } of nodes) {
    for (const [key, variable] of Object.entries(attributes)) {
      const refused = key.endsWith('.password') && variable !== '' && refusal(variable, file)
      if (refused) throw new UsageError(`${name} has the label blackstart.${key}="${variable}": ${refused}`)
    }
  }
}

function refusal(variable: string, file: Map<string, string>): string | undefined {
  if (!/^\w+$/.test(variable))
    return `"${variable}" is not the name of a variable; the label must hold the name of the variable in ${envFilePath()} that has the password`
  if (variable.startsWith(prefix) || file.has(variable)) return undefined
  return `the variable ${variable} is not a password of the world and may be another secret of your environment: define it in ${envFilePath()}, or give it a name that begins with ${prefix}`
}

/**
 * The credentials for a node's database, and which database to ask. The node's labels say so: the password's by the
 * name of a variable.
 */
export function databaseAccess({ attributes }: Node): {
  user: string
  database: string
  password: string | undefined
  ssl: false
} {
  // Without encryption, even if PGSSLMODE asks for it: that setting is meant for other databases.
  return {
    ssl: false,
    user: attributes['database.user'] ?? 'blackstart',
    database: attributes['database.name'] ?? 'postgres',
    password: passwordOf(attributes['database.password']),
  }
}

/** Patroni answers questions without a password, and takes orders only with it. */
export function patroniAuthorization({ attributes }: Node): Record<string, string> {
  const password = passwordOf(attributes['rest.password'])
  return password === undefined
    ? {}
    : { authorization: `Basic ${Buffer.from(`patroni:${password}`).toString('base64')}` }
}

/** The user for the DCS; undefined if it asks for none. */
export function dcsAccess({ attributes }: Node): { name: string; password: string | undefined } | undefined {
  const name = attributes['dcs.user']
  return name === undefined ? undefined : { name, password: passwordOf(attributes['dcs.password']) }
}
