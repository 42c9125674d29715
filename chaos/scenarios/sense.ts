/**
 * Mistakes in a scenario that the schema cannot find, such as a fault after the load. They need no world to be found.
 */

import type { Reach } from '../faults/fault.ts'
import { highestRate, mostRequests, mostVirtualUsers } from '../limits.ts'
import { isZoneRole, targetWords, type ZoneRole } from '../topology/target.ts'
import type { Path } from '../yaml/shape.ts'
import { dueUpTo, surgeRate, surgesBetween, virtualUsersAt } from './due.ts'
import { type FaultKind, faultNamed } from './kinds.ts'
import {
  type FaultSpec,
  faultSpecSchema,
  type Objectives,
  type Scenario,
  type SurgeSpec,
  type Target,
} from './schema.ts'

export interface Nonsense {
  path: Path
  message: string
}

/** The parts that are looked at; a part that does not fit the schema is left out, since that is reported already. */
type Known = { faults: readonly unknown[] } & Partial<Pick<Scenario, 'load' | 'steadyMs' | 'observeMs' | 'objectives'>>

/**
 * Everything about a scenario that cannot work in any world. Two faults on one target are found by the target's words:
 * which nodes a role means is looked up only by the run.
 */
export function senselessIn({ faults, load, steadyMs, observeMs, objectives }: Known): Nonsense[] {
  const specs = faults.map((fault) => faultSpecSchema.safeParse(fault).data)
  const found = specs.flatMap((spec, index) => (spec === undefined ? [] : inFault(spec, ['faults', index], observeMs)))
  const arrivals = load && steadyMs !== undefined && observeMs !== undefined ? inAll({ load, steadyMs, observeMs }) : 0
  if (load?.surges !== undefined) found.push(...inSurges(load, load.surges, observeMs))
  if (arrivals > mostRequests)
    found.push({
      path: ['load', 'ratePerSecond'],
      message: `ratePerSecond: over steadyMs and observeMs${load?.surges ? ', with its surges,' : ''} it makes ${arrivals} requests; one trial takes at most ${mostRequests}`,
    })
  const recoverMs = objectives?.recoverWithinMs
  if (observeMs !== undefined && recoverMs !== undefined && recoverMs > observeMs) {
    found.push({
      path: ['objectives', 'recoverWithinMs'],
      message: `recoverWithinMs: ${recoverMs} ms is later than the end of the observation (observeMs is ${observeMs} ms)`,
    })
  }
  return [...found, ...afterHeal(specs, { observeMs, objectives }), ...together(specs)]
}

/** So many arrivals, to the end of the observation. */
function inAll({ load, steadyMs, observeMs }: Pick<Scenario, 'load' | 'steadyMs' | 'observeMs'>): number {
  const surges = surgesBetween(load, { faultMs: 0, endMs: observeMs })
  return Math.round(dueUpTo({ firstArrivalMs: -steadyMs, ratePerSecond: load.ratePerSecond, surges }, observeMs))
}

function inSurges(load: Scenario['load'], surges: readonly SurgeSpec[], observeMs: number | undefined): Nonsense[] {
  return surges.flatMap((surge, index) =>
    inSurge(surge, { load, before: surges[index - 1], observeMs }).map(([field, why]) => ({
      path: ['load', 'surges', index, field],
      message: `${field}: ${why}`,
    })),
  )
}

function inSurge(
  { atMs, times }: SurgeSpec,
  context: { load: Scenario['load']; before: SurgeSpec | undefined; observeMs: number | undefined },
): [field: string, why: string][] {
  const { load, before, observeMs } = context
  const found: [string, string][] = []
  const due = `the surge is due at ${atMs} ms`
  const endedMs = before && before.atMs + before.forMs
  if (endedMs !== undefined && atMs <= endedMs)
    found.push([
      'atMs',
      `${due}, and the one before it ends at ${Math.round(endedMs)} ms: one comes after the other, with a moment in between`,
    ])
  if (observeMs !== undefined && atMs >= observeMs)
    found.push(['atMs', `${due}, when the load has ended (observeMs is ${observeMs} ms)`])
  const { ratePerSecond, maxVirtualUsers } = load
  const rate = surgeRate(ratePerSecond, times)
  const virtualUsers = virtualUsersAt(rate, load)
  const product = `${times} times ${ratePerSecond} requests/s`
  if (rate === ratePerSecond)
    found.push(['times', `${product} is ${ratePerSecond} in whole numbers: it would change nothing`])
  if (rate > highestRate) found.push(['times', `${product} is more than ${highestRate}`])
  else if (virtualUsers > mostVirtualUsers)
    found.push([
      'times',
      `a surge has as many times the virtual users, here ${virtualUsers} (maxVirtualUsers ${maxVirtualUsers}), and k6 gets at most ${mostVirtualUsers}`,
    ])
  return found
}

/** Nobody sees a recovery after a heal that comes when the load has ended. */
function afterHeal(
  specs: readonly (FaultSpec | undefined)[],
  { observeMs, objectives }: { observeMs: number | undefined; objectives: Objectives | undefined },
): Nonsense[] {
  const limitMs = objectives?.recoverAfterHealMs
  if (observeMs === undefined || limitMs === undefined) return []
  const healMs = Math.max(...specs.map((spec) => (spec === undefined ? 0 : spec.atMs + spec.forMs)))
  if (healMs + limitMs <= observeMs) return []
  return [
    {
      path: ['objectives', 'recoverAfterHealMs'],
      message: `recoverAfterHealMs: ${limitMs} ms after the last heal (at ${healMs} ms) is later than the end of the observation (observeMs is ${observeMs} ms)`,
    },
  ]
}

function inFault(spec: FaultSpec, path: Path, observeMs: number | undefined): Nonsense[] {
  const found: Nonsense[] = []
  const mismatch = targetMismatch(spec)
  if (mismatch !== undefined) found.push({ path: [...path, 'target'], message: mismatch })
  else found.push(...cutFromItself(spec, path))
  if (observeMs !== undefined && spec.atMs >= observeMs) {
    found.push({
      path: [...path, 'atMs'],
      message: `atMs: the fault is due at ${spec.atMs} ms, when the load has ended (observeMs is ${observeMs} ms)`,
    })
  }
  return found
}

/** A site that an option names is another one than the target. */
function cutFromItself({ kind, target, with: told = {} }: FaultSpec, path: Path): Nonsense[] {
  if (faultNamed(kind).actsOn !== 'site' || !('name' in target)) return []
  return Object.entries(told).flatMap(([option, given]) => {
    const itself = Array.isArray(given) ? given.indexOf(target.name) : -1
    const message = `${option}: ${targetWords(target)} cannot be cut off from itself`
    return itself === -1 ? [] : [{ path: [...path, 'with', option, itself], message }]
  })
}

/** Why this kind cannot be done to this target; undefined when it may. */
export function targetMismatch({ kind, target }: { kind: FaultKind; target: Target }): string | undefined {
  const { scope } = target
  const given = `not ${targetWords(target)}`
  switch (actsOn(kind)) {
    case 'anything':
      return undefined
    case 'nodes':
      return scope === 'link' || scope === 'nothing'
        ? `${kind} acts on nodes: give it a region, a zone or a node, ${given}${scope === 'link' ? '; links take blackhole, hang or refuse' : ''}`
        : undefined
    case 'links':
      return scope === 'link' || isSite(scope)
        ? undefined
        : `${kind} acts on links: give it a region, a site or a link, ${given}`
    case 'site':
      return isSite(scope) ? undefined : `${kind} acts on a site: give it a region or a site, ${given}`
    case 'database':
      return mayBeOneDatabase(target)
        ? undefined
        : `${kind} asks one database to hand over: give it node "primary", ${given}`
  }
}

/** How many there are in a zone depends on the world. */
function mayBeOneDatabase(target: Target): boolean {
  if (target.scope === 'nodes') return target.names.length === 1
  return target.scope === 'node' || target.scope === 'zone' || (target.scope === 'standbys' && target.which === 'one')
}

function isSite(scope: Target['scope']): boolean {
  return scope === 'region' || scope === 'site'
}

/**
 * Two faults that are active at the same time and whose words name the same nodes, or the same links where both disable
 * them.
 */
function together(specs: readonly (FaultSpec | undefined)[]): Nonsense[] {
  return specs.flatMap((later, index) => {
    if (later === undefined) return []
    const earlier = specs
      .slice(0, index)
      .find(
        (other): other is FaultSpec => other !== undefined && overlapping(other, later) && sameVictims(other, later),
      )
    if (earlier === undefined) return []
    const what = `${later.kind} on ${targetWords(later.target)} and ${earlier.kind} on ${targetWords(earlier.target)} (faults[${specs.indexOf(earlier)}])`
    const why =
      actsOn(later.kind) === 'nodes'
        ? 'both act on the same processes'
        : 'both disable the same proxies, and the first to heal would heal both'
    return [{ path: ['faults', index], message: `${what} cannot be active together: ${why}` }]
  })
}

/** One that heals no sooner than the other begins: that is together. */
function overlapping(a: FaultSpec, b: FaultSpec): boolean {
  return a.atMs <= b.atMs + b.forMs && b.atMs <= a.atMs + a.forMs
}

function sameVictims(a: FaultSpec, b: FaultSpec): boolean {
  const byNodes = actsOn(a.kind) === 'nodes' && actsOn(b.kind) === 'nodes'
  if (!byNodes && !(disables(a) && disables(b))) return false
  // A role may have changed hands between two moments at which it is looked up.
  const sameMoment = a.resolve === b.resolve && (a.resolve === 'start' || a.atMs === b.atMs)
  const theirs = placesIn(b.target)
  return placesIn(a.target).some(({ place, byRole }) =>
    theirs.some((other) => (!byRole || sameMoment) && meets(place, other.place)),
  )
}

function actsOn(kind: FaultKind): Reach {
  return faultNamed(kind).actsOn
}

/** Links whose proxies it disables, rather than adding something of its own: see chaos/run/conflicts.ts. */
function disables({ kind, with: told = {} }: FaultSpec): boolean {
  return faultNamed(kind).disables?.(told) === true
}

/**
 * Where a target is, as a way from the outside in: region, zone, node. A zone's name holds its region's. A node's says
 * nothing of where it stands, except the primary's; nor does a role, so the run itself finds some of what is together.
 */
function placesIn(target: Target): { place: string[]; byRole: boolean }[] {
  switch (target.scope) {
    case 'region':
    case 'site':
      return [{ place: ['site', target.name], byRole: ['primary', 'other'].includes(target.name) }]
    case 'zone':
      return isZoneRole(target.name)
        ? [{ place: ['site', ...placeOfRole[target.name]], byRole: true }]
        : [{ place: ['site', ...target.name.split('/')], byRole: false }]
    case 'node':
      return target.name === 'primary'
        ? [{ place: ['site', 'primary', 'zone', 'node'], byRole: true }]
        : [{ place: ['node', target.name], byRole: false }]
    case 'nodes':
      return target.names.map((name) => ({ place: ['node', name], byRole: false }))
    case 'router':
      return [{ place: [target.name === 'active' ? 'active' : 'node', target.name], byRole: target.name === 'active' }]
    case 'all': {
      const { role, region } = target
      if (region === undefined) return [{ place: ['all', role], byRole: false }]
      const byRole = ['primary', 'other'].includes(region)
      return [
        { place: ['all', role, region], byRole },
        { place: ['site', region, 'all', role], byRole },
      ]
    }
    case 'standbys':
      return [{ place: target.which === 'all' ? ['standby'] : ['standby', 'one'], byRole: true }]
    case 'dcsLeader':
      return [{ place: ['dcsLeader'], byRole: true }]
    case 'link':
      return [
        {
          place: ['link', ...target.sites.toSorted()],
          byRole: target.sites.some((site) => ['primary', 'other'].includes(site)),
        },
      ]
    case 'nothing':
      return []
  }
}

const placeOfRole: Record<ZoneRole, string[]> = {
  primary: ['primary', 'zone'],
  neighbour: ['primary', 'neighbour'],
  other: ['other', 'zone'],
}

/** Whether one is the other, or holds it. */
function meets(a: readonly string[], b: readonly string[]): boolean {
  return a.slice(0, b.length).every((step, index) => step === b[index])
}
