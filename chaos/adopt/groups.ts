/** Services that are members of one thing: db-1 and db-2, primary and replica. */
import type { Kind } from './kinds.ts'
import { memberOf } from './words.ts'

export interface Grouped {
  name: string
  kind: Kind
  /** What tells its place in the group. */
  by: string
}

/** Groups of two members or more, each in the order of its numbers and roles. */
export function groupsOf(services: readonly { name: string; kind: Kind }[]): Grouped[][] {
  const all = services.map(({ name, kind }) => ({
    name,
    kind,
    ...(memberOf(name) ?? { base: name, member: 0, by: 'it is the first of its name' }),
  }))
  const byBase = new Map<string, typeof all>()
  for (const each of all) {
    const key = `${each.kind} ${each.base}`
    byBase.set(key, [...(byBase.get(key) ?? []), each])
  }
  const groups = [...byBase.values()].filter((group) => group.length > 1)
  // "postgres" and "replica" have no word in common; of one kind, they still belong together.
  const alone = all.filter((each) => !groups.some((group) => group.includes(each)) && each.kind !== 'app')
  for (const kind of new Set(alone.map((each) => each.kind))) {
    const rest = alone.filter((each) => each.kind === kind)
    if (rest.length > 1 && rest.some(({ name }) => memberOf(name) !== undefined)) groups.push(rest)
  }
  return groups.map((group) => group.toSorted((a, b) => a.member - b.member))
}
