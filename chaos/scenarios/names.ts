/**
 * Checks that the names in a scenario exist in a world. Roles (`primary`, `other`, `active`) are looked up by the run.
 */

import { z } from 'zod'
import { availableWords } from '../errors.ts'
import { zoneRoles } from '../topology/target.ts'
import { regionsOf, type Topology } from '../topology/topology.ts'
import type { Position } from '../yaml/document.ts'
import { notKnown } from '../yaml/problems.ts'
import { type Path, valueAt } from '../yaml/shape.ts'
import { namedBy, optionsOf } from './kinds.ts'
import type { Names } from './reference.ts'
import { type Target, targetSchema } from './schema.ts'

export interface NameProblem {
  /** Where the name stands: `['faults', 0, 'target', 'name']`. */
  path: Path
  message: string
  /** Where it stands in the file, when there is one to look it up in. */
  position?: Position
}

/** The names in a world. */
export function namesOf(topology: Topology): Names {
  return {
    regions: regionsOf(topology),
    zones: [
      ...new Set(topology.nodes.flatMap((node) => (node.zone === undefined ? [] : [`${node.site}/${node.zone}`]))),
    ],
    sites: topology.sites.map((site) => site.name),
    links: topology.links.map((link) => link.sites.join('-')),
    nodes: topology.nodes.map((node) => node.name),
  }
}

/**
 * Every name in the scenario's targets and options that the world does not have, with the nearest one that it has. What
 * is not a target is skipped: the schema reports that.
 */
export function checkNames(
  scenario: { faults: readonly unknown[] },
  names: Names,
  positionOf?: (path: Path) => Position,
): NameProblem[] {
  const problems = scenario.faults.flatMap((fault, index) => [
    ...inTarget(fault, ['faults', index], names),
    ...inOptions(fault, ['faults', index], names),
  ])
  return problems.map((problem) => ({ ...problem, ...(positionOf && { position: positionOf(problem.path) }) }))
}

function inTarget(fault: unknown, path: Path, names: Names): NameProblem[] {
  const parsed = targetSchema.safeParse(valueAt(fault, ['target']))
  return parsed.success ? ofTarget(parsed.data, [...path, 'target'], names) : []
}

const regionRoles = ['primary', 'other']

function ofTarget(target: Target, path: Path, names: Names): NameProblem[] {
  const one = (what: string, given: string, valid: readonly string[], roles: readonly string[] = []) =>
    check(what, given, [...path, 'name'], valid, roles)
  switch (target.scope) {
    case 'region':
      return one('region', target.name, names.regions, regionRoles)
    case 'site':
      if (regionRoles.includes(target.name))
        return [
          {
            path: [...path, 'name'],
            message: `site "${target.name}" is not known: a role is a region's, so write scope: region`,
          },
        ]
      return one('site', target.name, names.sites)
    case 'zone':
      return one('zone', target.name, names.zones, zoneRoles)
    case 'node':
      return one('node', target.name, names.nodes, ['primary'])
    case 'router':
      return one('router', target.name, names.nodes, ['active'])
    case 'nodes':
      return target.names.flatMap((name, index) => check('node', name, [...path, 'names', index], names.nodes))
    case 'link':
      return ofLink(target.sites, [...path, 'sites'], names)
    case 'all':
      return target.region === undefined
        ? []
        : check('region', target.region, [...path, 'region'], names.regions, regionRoles)
    case 'standbys':
    case 'dcsLeader':
    case 'nothing':
      return []
  }
}

function ofLink(sites: readonly [string, string], path: Path, names: Names): NameProblem[] {
  const strange = sites.flatMap((site, index) => check('site', site, [...path, index], names.sites, regionRoles))
  if (strange.length > 0) return strange
  const meant = (site: string): readonly string[] => (regionRoles.includes(site) ? names.regions : [site])
  const exists = meant(sites[0]).some((a) => meant(sites[1]).some((b) => sites[0] !== sites[1] && linked(a, b, names)))
  return exists ? [] : [{ path, message: notKnown('link', sites.join('-'), names.links) }]
}

function linked(a: string, b: string, { links }: Names): boolean {
  return links.includes(`${a}-${b}`) || links.includes(`${b}-${a}`)
}

const rolesFor: Record<string, readonly string[]> = { site: regionRoles, node: ['other'] }

/** By the marks of chaos/faults/options.ts, which say whether an option names a site or a node. */
function inOptions(fault: unknown, path: Path, names: Names): NameProblem[] {
  const kind = valueAt(fault, ['kind'])
  const told = valueAt(fault, ['with'])
  return Object.entries(optionsOf(kind) ?? {}).flatMap(([option, type]) => {
    const given = valueAt(told, [option])
    const isList = type instanceof z.ZodArray
    const what = namedBy(type)
    if (what === undefined || !type.safeParse(given).success) return []
    const texts = (isList ? given : [given]) as string[]
    const valid = what === 'site' ? names.sites : names.nodes
    return texts.flatMap((name, index) => {
      const where = [...path, 'with', option, ...(isList ? [index] : [])]
      const unknown = check(what, name, where, valid, rolesFor[what])
      return unknown.length > 0 || what !== 'site' ? unknown : unlinked(fault, option, name, where, names)
    })
  })
}

/** Sites that an option names are at the other end of a link of the target. */
function unlinked(fault: unknown, option: string, site: string, path: Path, names: Names): NameProblem[] {
  const target = targetSchema.safeParse(valueAt(fault, ['target'])).data
  const from = target && 'name' in target && names.sites.includes(target.name) ? target.name : undefined
  if (from === undefined || site === from || regionRoles.includes(site) || linked(from, site, names)) return []
  return [{ path, message: `${option}: no link leads from ${from} to ${site}${availableWords(names.links)}` }]
}

function check(
  what: string,
  given: string,
  path: Path,
  valid: readonly string[],
  roles: readonly string[] = [],
): NameProblem[] {
  return valid.includes(given) || roles.includes(given)
    ? []
    : [{ path, message: notKnown(what, given, [...roles, ...valid]) }]
}
