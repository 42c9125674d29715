/** Words in names that tell a region, a zone, a role or a number. */

/** Families of words for regions: the words of one family stand beside each other in one file. */
const families: readonly (readonly string[])[] = [
  ['east', 'west', 'north', 'south', 'central'],
  ['eu', 'us', 'ap', 'asia', 'europe', 'america', 'apac', 'emea', 'na', 'sa', 'uk'],
  [
    'fra',
    'lon',
    'ams',
    'par',
    'nyc',
    'sfo',
    'sin',
    'iad',
    'dub',
    'frankfurt',
    'london',
    'paris',
    'amsterdam',
    'dublin',
    'tokyo',
    'sydney',
  ],
]
const numbered = /^(dc|region|site|datacenter)(\d+|[a-c])$/
const roles: readonly (readonly string[])[] = [
  ['primary', 'master', 'leader', 'main'],
  ['secondary', 'standby', 'replica', 'slave', 'follower'],
]

/** "pg-east-a" → pg, east, a; "db1" → db, 1. */
export function wordsOf(name: string): string[] {
  return name
    .toLowerCase()
    .replace(/(?<![a-z])(dc|region|site|datacenter)[-_]?(\d+|[a-c])(?![a-z0-9])/g, ' $1$2 ')
    .split(/[^a-z0-9]+/)
    .flatMap((word) => (numbered.test(word) ? [word] : (word.match(/[a-z]+|\d+/g) ?? [])))
}

/** Region words of a name, each with its family. "eu-west-1" is one region: the words are joined. */
export function regionWord(name: string): { family: number; word: string; zone?: string } | undefined {
  const words = wordsOf(name)
  const at = words.findIndex((word) => familyOf(word) !== undefined)
  const word = words[at]
  if (word === undefined) return undefined
  const next = words.slice(at + 1)
  const cloud = familyOf(word) === 1 && next[0] !== undefined && familyOf(next[0]) === 0
  const region = cloud ? [word, next[0], ...(/^\d$/.test(next[1] ?? '') ? [next[1]] : [])].join('-') : word
  const rest = next.slice(region.split('-').length - 1)
  const zone = rest.find((each) => /^[a-c]$/.test(each))
  return { family: cloud ? 1 : (familyOf(word) ?? 0), word: region, ...(zone !== undefined && { zone }) }
}

function familyOf(word: string): number | undefined {
  if (numbered.test(word)) return families.length
  const index = families.findIndex((family) => family.includes(word))
  return index === -1 ? undefined : index
}

export function witnessWord(name: string): string | undefined {
  return wordsOf(name).find((word) =>
    ['witness', 'arbiter', 'arbitrator', 'monitor', 'tiebreaker', 'quorum'].includes(word),
  )
}

export interface Numbered {
  base: string
  member: number
  by: string
}

/**
 * "db-2" → base "db", member 2; "postgres-replica-1" → base "postgres", member 1; undefined for "db". The base of a name
 * that says only a role is empty.
 */
export function memberOf(name: string): Numbered | undefined {
  const words = wordsOf(name)
  const role = words.find((word) => roles.some((each) => each.includes(word)))
  const base = words.filter((word) => word !== role)
  const last = words.at(-1) ?? ''
  if (/^\d+$/.test(last))
    return { base: base.slice(0, -1).join('-'), member: Number(last), by: `its number is ${last}` }
  if (role !== undefined)
    return {
      base: base.join('-'),
      member: roles.findIndex((each) => each.includes(role)),
      by: `its name says "${role}"`,
    }
  return /^[a-f]$/.test(last) && words.length > 1
    ? { base: base.slice(0, -1).join('-'), member: last.charCodeAt(0) - 97, by: `its letter is ${last}` }
    : undefined
}
