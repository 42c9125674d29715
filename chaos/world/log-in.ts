/** Databases that do not let Blackstart in: a wrong user or password, which no waiting mends. */
import type { Node } from '../topology/topology.ts'

/** PostgreSQL and its client, MariaDB, Redis. */
const refusals = [
  /password authentication failed|no password supplied|password must be a(?: non-empty)? string|role ".*" does not exist|no pg_hba\.conf entry/,
  /Access denied for user/,
  /^(?:WRONGPASS|NOAUTH)\b|^ERR AUTH\b/,
]
const says = 'does not let Blackstart in'

/** What a database answered, with what to do about it where it refuses the user or the password. */
export function answerWords({ name, attributes }: Node, answer: string): string {
  if (!refusals.some((refusal) => refusal.test(answer))) return `${name}: ${answer}`
  const user = attributes['database.user']
  const variable = attributes['database.password']
  const asked = `${user === undefined ? 'default user' : `user ${user}`}, ${variable ? `password of ${variable}` : 'no password'}`
  return `${name} ${says} (${asked}): ${answer}; "user" and "passwordFrom" of "databases" in blackstart.yaml say who asks`
}

/** Those of the things that a world waits for that are such a refusal. */
export function logInsRefused(missing: readonly string[]): string[] {
  return missing.filter((line) => line.includes(` ${says} (`))
}
