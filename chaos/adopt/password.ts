/** Where the password of a database comes from: the name of a variable, never the password itself. */

import { rootPasswords } from './engines.ts'
import type { Kind } from './kinds.ts'
import { variableIn } from './service.ts'

export interface Password {
  from?: string
  ofRoot?: boolean
  because: string[]
  /** What the user has to do for it. */
  todo: string[]
}

interface Asked {
  kind: Kind
  password: readonly string[]
  command: string
  /** The variables as the file writes them, before Compose puts values in. */
  raw: Record<string, string>
}

export function passwordOf(environment: Record<string, string>, { kind, password, command, raw }: Asked): Password {
  // Root first: a user of an application's may not ask whether a node is a replica, nor make a place for our writes.
  const root = variableIn(environment, kind === 'mariadb' || kind === 'galera' ? rootPasswords : [])
  const found = root ?? variableIn(environment, password)
  if (found) return { ...fromVariable(found.name, raw), ...(root && { ofRoot: true }) }
  const from = password.find((name) => `${name}_FILE` in environment)
  if (from !== undefined) {
    const file = `${from}_FILE`
    return {
      from,
      because: [`passwordFrom ${from}: ${file} names a secret, which cannot be read from outside`],
      todo: [`write ${from}=… into .env beside blackstart.yaml, with what ${environment[file]} holds`],
    }
  }
  if (kind !== 'redis' || !/requirepass/.test(command)) return { because: [], todo: [] }
  return {
    from: 'REDIS_PASSWORD',
    because: ['passwordFrom REDIS_PASSWORD: its command sets a password'],
    todo: ['write REDIS_PASSWORD=… into .env beside blackstart.yaml'],
  }
}

function fromVariable(name: string, raw: Record<string, string>): Password {
  const variable = /^\$\{?([A-Za-z_]\w*)/.exec(raw[name] ?? '')?.[1]
  return variable === undefined
    ? {
        from: name,
        because: [
          `passwordFrom ${name}: the password stands in the Compose file, or in one that it names, and is taken from there`,
        ],
        todo: [],
      }
    : { from: variable, because: [`passwordFrom ${variable}: ${name} takes it from there`], todo: [] }
}
