/** Parses a fault from the command line: "kill region:primary", or "slow link:east-west" with latencyMs=80. Pure. */
import { z } from 'zod'
import { UsageError } from '../errors.ts'
import { longestMs } from '../limits.ts'
import { memberRoles } from '../topology/target.ts'
import { notKnown } from '../yaml/problems.ts'
import { type FaultKind, faultKinds, optionsOf as optionTypes } from './kinds.ts'
import { checkNames } from './names.ts'
import { problemsOf } from './problems.ts'
import type { Names } from './reference.ts'
import { type FaultSpec, faultSpecSchema, type Target } from './schema.ts'
import { senselessIn } from './sense.ts'

const units: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, min: 60_000, h: 3_600_000 }

/** "30s" → 30000, "1.5m" → 90000. @throws UsageError when it has no unit, or is not a length */
export function parseLength(text: string): number {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|min|h)$/.exec(text.trim()) ?? []
  const lengthMs = Number(digits) * (units[unit] ?? Number.NaN)
  if (lengthMs > longestMs)
    throw new UsageError(
      `${text} is too long: a fault, or a length among its options, is at most ${longestMs / 3_600_000}h`,
    )
  if (lengthMs > 0) return lengthMs
  throw new UsageError(`"${text}" is no length of time: a number and its unit (ms, s, m or h), such as 30s or 500ms`)
}

const withoutName: Record<string, Target> = {
  standbys: { scope: 'standbys', which: 'all' },
  'standbys:all': { scope: 'standbys', which: 'all' },
  'standbys:one': { scope: 'standbys', which: 'one' },
  dcsLeader: { scope: 'dcsLeader' },
  'dcs-leader': { scope: 'dcsLeader' },
  nothing: { scope: 'nothing' },
  primary: { scope: 'node', name: 'primary' },
}
const scopes = [
  'region',
  'site',
  'zone',
  'node',
  'nodes',
  'all',
  'router',
  'link',
  'standbys',
  'dcsLeader',
  'nothing',
] as const

/**
 * The target that is meant: "region:primary", "zone:east/a", "link:east-west", "nodes:etcd-west,etcd-witness",
 * "all:app,east", "standbys"; the words of a scenario, "region('primary')"; or a name of the world as it is, "east",
 * "pg-east-a", "east-west".
 * @throws UsageError with the nearest valid name
 */
export function parseTarget(text: string, names: Names): Target {
  const [, scope, rest] = /^\s*([a-zA-Z-]+)\s*[:(]\s*(.*?)\s*\)?\s*$/.exec(text) ?? []
  const given = scope === undefined ? text.trim() : `${scope}:${(rest ?? '').replaceAll(/['"\s]/g, '')}`
  const role = withoutName[given.replace(/:$/, '')]
  if (role) return role
  if (scope === undefined) return named(given, names)
  const name = given.slice(scope.length + 1)
  switch (scope) {
    case 'region':
    case 'site':
    case 'zone':
    case 'node':
    case 'router':
      return { scope, name }
    case 'nodes':
      return { scope, names: name.split(',') }
    case 'all':
      return allNamed(name)
    case 'link':
      return linkNamed(name, names)
    default:
      throw new UsageError(notKnown('target', scope, scopes))
  }
}

/** "all:app", or "all:app,east". */
function allNamed(text: string): Target {
  const [role = '', region] = text.split(',', 2)
  const known = memberRoles.find((each) => each === role)
  if (known === undefined) throw new UsageError(notKnown('role', role, memberRoles))
  return { scope: 'all', role: known, ...(region && { region }) }
}

/** A name without a scope is looked up in the world. */
function named(name: string, names: Names): Target {
  if (names.regions.includes(name)) return { scope: 'region', name }
  if (names.sites.includes(name)) return { scope: 'site', name }
  if (names.zones.includes(name)) return { scope: 'zone', name }
  if (names.nodes.includes(name)) return { scope: 'node', name }
  if (names.links.includes(name)) return linkNamed(name, names)
  throw new UsageError(
    `${notKnown('target', name, [...names.regions, ...names.sites.filter((site) => !names.regions.includes(site)), ...names.zones, ...names.nodes, ...names.links])}; by role: region:primary, region:other, zone:primary, zone:neighbour, zone:other, node:primary, all:app,primary, standbys, dcsLeader, router:active, link:primary-other`,
  )
}

/** Site names may hold "-" too, so the sites that exist decide where to split. A comma always works. */
function linkNamed(text: string, { sites }: Names): Target {
  const ends = ['primary', 'other', ...sites]
  const cuts = [...text.matchAll(/[-,]/g)].map(({ index }): [string, string] => [
    text.slice(0, index),
    text.slice(index + 1),
  ])
  const pair = cuts.find((both) => both.every((site) => ends.includes(site))) ?? cuts[0]
  if (!pair) throw new UsageError(`"${text}" is no link: a link has two sites, such as link:east-west`)
  return { scope: 'link', sites: pair }
}

/**
 * The fault that is meant. `told` are its options as words "key=value"; lengths may have units, lists commas.
 * @throws UsageError that says what is wrong, with the nearest valid name, and the options of the kind
 */
export function parseFault(
  { kind, target, told }: { kind: string; target: string; told: readonly string[] },
  names: Names,
): Pick<FaultSpec, 'kind' | 'target'> & { with?: Record<string, unknown> } {
  const known = kindNamed(kind)
  const options = optionsOf(known, told)
  const spec = {
    kind: known,
    target: parseTarget(target, names),
    ...(Object.keys(options).length > 0 && { with: options }),
  }
  // As part of a scenario, since problems are worded for scenarios.
  const story = { faults: [{ ...spec, atMs: 0, forMs: 1 }] }
  const issues = (faultSpecSchema.safeParse(story.faults[0]).error?.issues ?? []).map((issue) => ({
    ...issue,
    path: ['faults', 0, ...issue.path],
  }))
  const [first] = [...problemsOf(issues, story), ...checkNames(story, names), ...senselessIn(story)]
  if (!first) return spec
  throw new UsageError(
    `${kind}: ${first.message}${usageOf(known) === '' ? '' : `\noptions of ${kind}: ${usageOf(known)}`}`,
  )
}

/** Parses the words of `--with`. @throws UsageError for an option that the kind does not have */
export function optionsOf(kind: FaultKind, told: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(told.map((word) => option(kind, word)))
}

/** The kind of that name. @throws UsageError with the nearest one */
export function kindNamed(text: string): FaultKind {
  const found = faultKinds.find((kind) => kind === text)
  if (found) return found
  throw new UsageError(notKnown('fault kind', text, faultKinds))
}

function option(kind: FaultKind, word: string): [string, unknown] {
  const at = word.indexOf('=')
  if (at < 1)
    throw new UsageError(
      `--with ${word}: expected <key>=<value>; ${kind} ${usageOf(kind) === '' ? 'has no options' : `takes ${usageOf(kind)}`}`,
    )
  const [key, value] = [word.slice(0, at), word.slice(at + 1)]
  const type = optionTypes(kind)?.[key]
  if (type instanceof z.ZodArray) return [key, value.split(',')]
  if (type instanceof z.ZodNumber)
    return [key, /^\d+(\.\d+)?$/.test(value) ? Number(value) : key.endsWith('Ms') ? parseLength(value) : value]
  return [key, value]
}

/** "--with latencyMs=…" for each option of a kind; in brackets, those that may be left out. */
export function usageOf(kind: FaultKind): string {
  return Object.entries(optionTypes(kind) ?? {})
    .map(([key, type]) =>
      type instanceof z.ZodOptional
        ? `[--with ${key}=${valueWords(key, type.unwrap() as z.ZodType)}]`
        : `--with ${key}=${valueWords(key, type)}`,
    )
    .join(' ')
}

function valueWords(key: string, type: z.ZodType): string {
  if (type instanceof z.ZodEnum) return type.options.join('|')
  return type instanceof z.ZodArray ? '<a,b>' : key.endsWith('Ms') ? '<length>' : '<value>'
}
