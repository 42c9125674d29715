/**
 * The targets of faults, by role or by name: as a value, and in words. `resolve.ts` looks up which nodes and links are
 * meant.
 */
import { z } from 'zod'
import { longestHostName, mostNames } from '../limits.ts'
import type { Role } from './topology.ts'

/** Of a node, a site or a region. */
const hostName = z.string().max(longestHostName)

/** What there may be several of, as part of the system: no link, and no instrument. */
export const memberRoles = ['app', 'database', 'store', 'dcs', 'router', 'arbiter'] as const satisfies Role[]
export type MemberRole = (typeof memberRoles)[number]

/** Which zone is meant by role. */
export const zoneRoles = ['primary', 'neighbour', 'other'] as const
export type ZoneRole = (typeof zoneRoles)[number]

export function isZoneRole(name: string): name is ZoneRole {
  return zoneRoles.some((role) => role === name)
}

/**
 * A target by role or by name. `primary` is the database that accepts writes, or what it stands in; `other` is the
 * region that the primary does not stand in. A fault says when its roles are looked up (`resolve`).
 */
export const targetSchema = z.discriminatedUnion('scope', [
  /** A region: all its nodes, or all its links. `primary`, `other` or a name. */
  z.strictObject({ scope: z.literal('region'), name: hostName }),
  /** Any site by name: a region, the witness, the edge. */
  z.strictObject({ scope: z.literal('site'), name: hostName }),
  /**
   * "east/a"; the primary's (`primary`), the first other one of its region (`neighbour`), or the first of the other region
   * (`other`).
   */
  z.strictObject({ scope: z.literal('zone'), name: hostName }),
  /** `primary` or a Compose service name. */
  z.strictObject({ scope: z.literal('node'), name: hostName }),
  z.strictObject({ scope: z.literal('nodes'), names: z.array(hostName).min(1).max(mostNames) }),
  /** All nodes of a role, in the world or in one region: `primary`, `other` or a name. */
  z.strictObject({ scope: z.literal('all'), role: z.enum(memberRoles), region: hostName.optional() }),
  /** Database nodes that are not the primary: all of them, or one in the other region. */
  z.strictObject({ scope: z.literal('standbys'), which: z.enum(['all', 'one']) }),
  /** The DCS member that leads. */
  z.strictObject({ scope: z.literal('dcsLeader') }),
  /** The global router that clients enter by (`active`), or one by name. */
  z.strictObject({ scope: z.literal('router'), name: hostName }),
  /** The link between two sites; `primary` and `other` mean the regions. */
  z.strictObject({ scope: z.literal('link'), sites: z.tuple([hostName, hostName]) }),
  z.strictObject({ scope: z.literal('nothing') }),
])
export type Target = z.infer<typeof targetSchema>

/** "the primary's region", "region east", "the link east-west". */
export function targetWords(target: Target): string {
  switch (target.scope) {
    case 'nothing':
      return 'nothing'
    case 'nodes':
      return `nodes ${target.names.join(', ')}`
    case 'all':
      return `all ${memberWords[target.role]}${target.region === undefined ? '' : ` of ${regionWords(target.region)}`}`
    case 'standbys':
      return target.which === 'all' ? 'all standbys' : 'one standby in the other region'
    case 'dcsLeader':
      return 'the leader of the DCS'
    case 'router':
      return target.name === 'active' ? 'the active router' : `router ${target.name}`
    case 'link':
      return `the link ${target.sites.map(siteWords).join('-')}`
    case 'node':
      return target.name === 'primary' ? 'the primary' : `node ${target.name}`
    case 'region':
      return regionWords(target.name)
    case 'zone':
      return isZoneRole(target.name) ? zoneWords[target.name] : `zone ${target.name}`
    case 'site':
      return `site ${target.name}`
  }
}

const memberWords: Record<MemberRole, string> = {
  app: 'apps',
  database: 'databases',
  store: 'nodes of the store',
  dcs: 'members of the DCS',
  router: 'routers',
  arbiter: 'arbiters and lookouts',
}

function regionWords(name: string): string {
  if (name === 'other') return 'the other region'
  return name === 'primary' ? "the primary's region" : `region ${name}`
}

const zoneWords: Record<ZoneRole, string> = {
  primary: "the primary's zone",
  neighbour: "the zone beside the primary's",
  other: 'a zone of the other region',
}

function siteWords(name: string): string {
  if (name === 'primary') return "(the primary's region)"
  return name === 'other' ? '(the other region)' : name
}
