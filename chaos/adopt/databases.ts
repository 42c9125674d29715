/** Groups of database nodes, and how the harness may ask them. */
import type { DatabaseEngine, Databases } from '../worldfile/schema.ts'
import { type Engine, engines } from './engines.ts'
import type { Kind } from './kinds.ts'
import { passwordOf } from './password.ts'
import type { Member } from './places.ts'
import { variableIn } from './service.ts'

export interface DatabaseGuess {
  databases: Databases
  because: string[]
  /** What the user has to do for it. */
  todo: string[]
}

/** Service → its variables as the file writes them, before Compose puts values in; empty where that is not known. */
export type RawVariables = ReadonlyMap<string, Record<string, string>>

/** Only the variables of services: values are not put in yet, so no other field may have its usual form. */
export function rawVariables({ services }: { services: Record<string, { environment?: unknown }> }): RawVariables {
  return new Map(
    Object.entries(services).map(([name, { environment }]) => [
      name,
      Object.fromEntries(
        Object.entries(typeof environment === 'object' && environment !== null ? environment : {}).map(
          ([key, value]) => [key, String(value ?? '')],
        ),
      ),
    ]),
  )
}

export function databasesIn(members: readonly Member[], raw: RawVariables): DatabaseGuess[] {
  return [...engines]
    .filter(([kind]) => kind !== 'redis' || !hasSql(members))
    .flatMap(([kind, engine]) =>
      groupsByData(
        members.filter((member) => member.kind === kind),
        engine,
      ).map((group, _, groups) =>
        guessOf({ kind, engine, group, named: groups.length > 1 ? undefined : namedIn(members, engine) }, raw),
      ),
    )
}

/** Whether there is a database besides Redis, which then is a cache. */
export function hasSql(members: readonly Member[]): boolean {
  return members.some(({ kind }) => engines.has(kind) && kind !== 'redis')
}

/** Nodes with the same database to their name; those that say none belong to the first. */
function groupsByData(members: readonly Member[], engine: Engine): Member[][] {
  const groups = new Map<string, Member[]>()
  for (const member of members) {
    const database = variableIn(member.environment, engine.database)?.value ?? ''
    groups.set(database, [...(groups.get(database) ?? []), member])
  }
  const unnamed = groups.get('') ?? []
  const [first = [], ...others] = [...groups].filter(([database]) => database !== '').map(([, group]) => group)
  const byName = (a: Member, b: Member) => a.name.localeCompare(b.name, 'en', { numeric: true })
  return [[...first, ...unnamed].toSorted(byName), ...others].filter((group) => group.length > 0)
}

interface Named {
  name: string
  value: string
}

interface Group {
  kind: Kind
  engine: Engine
  group: readonly Member[]
  /** The database of the addresses that others connect to. */
  named: Named | undefined
}

const postgresAddress = /\bpostgres(?:ql)?(?:\+\w+)?:\/\/[^\s/"']+\/(?<database>[\w-]+)/
const addresses: Partial<Record<DatabaseEngine, RegExp>> = {
  postgres: postgresAddress,
  patroni: postgresAddress,
  mariadb: /\b(?:mysql|mariadb)(?:\+\w+)?:\/\/[^\s/"']+\/(?<database>[\w-]+)/,
}

/** Of the databases in everybody's connection strings: the one, if it is one. */
function namedIn(members: readonly Member[], { engine }: Engine): Named | undefined {
  const address = addresses[engine]
  if (address === undefined) return undefined
  const found = members.flatMap((member) =>
    Object.entries(member.environment).flatMap(([variable, text]) => {
      const value = address.exec(text)?.groups?.['database']
      return value === undefined ? [] : [{ name: `${variable} of ${member.name}`, value }]
    }),
  )
  const [first] = found
  return first !== undefined && found.every(({ value }) => value === first.value) ? first : undefined
}

function guessOf({ kind, engine, group, named }: Group, raw: RawVariables): DatabaseGuess {
  const environment = together(group.map((member) => member.environment))
  const user = variableIn(environment, engine.user)
  const database = variableIn(environment, engine.database) ?? named
  const password = passwordOf(environment, {
    kind,
    password: engine.password,
    command: group.map(({ command }) => command).join(' '),
    raw: together(group.map((member) => raw.get(member.of ?? member.name) ?? {})),
  })
  // The root's password opens the account "root" only.
  const account = (password.ofRoot ? undefined : user?.value) ?? engine.defaultUser
  const isAsynchronous = kind !== 'galera' && !asksForSynchrony(group)
  return {
    databases: {
      nodes: group.map(({ name }) => name),
      engine: engine.engine,
      ...(account !== undefined && { user: account }),
      ...(password.from !== undefined && { passwordFrom: password.from }),
      ...(database && { database: database.value }),
      ...(kind === 'galera' && { multiPrimary: true }),
      ...(isAsynchronous && { synchronousStandbys: 0 }),
    },
    because: [
      ...(password.ofRoot
        ? ['user root: another may not ask whether a node is a replica, nor make a place for a write of Blackstart']
        : []),
      ...(user && !password.ofRoot ? [`user ${user.value}: the variable ${user.name}`] : []),
      ...(user === undefined && account !== undefined && !password.ofRoot
        ? [`user ${account}: no variable names another`]
        : []),
      ...(database ? [`database ${database.value}: the variable ${database.name}`] : []),
      ...password.because,
      ...(kind === 'galera' ? ['multiPrimary: every member of Galera takes writes'] : []),
      ...(isAsynchronous
        ? ['synchronousStandbys 0: nothing in the Compose file asks for synchronous replication']
        : []),
    ],
    todo: password.todo,
  }
}

/** The variables of all members; where they differ, those of the first. */
function together(all: readonly Record<string, string>[]): Record<string, string> {
  return Object.fromEntries(all.toReversed().flatMap((each) => Object.entries(each)))
}

/** Without a sign of it, replication is asynchronous: what a dead region has not sent is lost, and the verdict says so. */
function asksForSynchrony(group: readonly Member[]): boolean {
  return group.some(({ command, environment }) =>
    /synchronous_standby_names|synchronous_mode|SYNCHRONOUS|pg_autoctl|rpl_semi_sync|min-replicas/i.test(
      `${command} ${JSON.stringify(environment)}`,
    ),
  )
}
