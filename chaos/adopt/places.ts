/** Where each service stands: as the user says, as the Compose file says, else by what exists several times. */
import type { Place } from '../worldfile/sites.ts'
import { placesSaid } from './evidence.ts'
import { groupsOf } from './groups.ts'
import { byMajority, type Guess, type Kind } from './kinds.ts'
import type { Seen } from './service.ts'
import { regionWord, witnessWord } from './words.ts'

/** One container of the world: a service, or one of its replicas. */
export interface Member extends Seen {
  kind: Kind
  /** The service that it is a replica of. */
  of?: string
}

export interface Placing {
  /** In the order in which the file lists them. */
  sites: string[]
  places: Map<string, Guess<Place>>
  /** Whether nothing told the regions' names. */
  invented: boolean
}

/** Regions of which nothing is known but that there are two. */
const inventedRegions = ['east', 'west']
const witness = 'witness'
const edge = 'edge'

/** @param chosen what the user said: service → region */
export function placesFor(members: readonly Member[], chosen: ReadonlyMap<string, string>): Placing {
  const places = new Map<string, Guess<Place>>()
  const put = (name: string, guess: Guess<Place>): void => {
    if (!places.has(name)) places.set(name, guess)
  }
  for (const { name, of } of members) {
    const site = chosen.get(name) ?? chosen.get(of ?? '')
    if (site !== undefined) put(name, { is: { site }, because: 'you said so' })
  }
  const told = placesSaid(members.filter(({ kind }) => !standsApart(kind)))
  if (chosen.size === 0) for (const [name, guess] of told) put(name, guess)
  const regions = [...new Set([...places.values()].map(({ is }) => is.site))].filter(
    (site) => site !== witness && site !== edge,
  )
  const invented = regions.length < 2 && chosen.size === 0
  const known = invented ? inventedRegions : regions

  const numbered = new Set(groupsOf(members).flatMap((group) => group.map(({ name }) => name)))
  for (const member of members) {
    const apart = placeApart(member, { numbered, hasApps: members.some(({ kind }) => kind === 'app') })
    if (apart) put(member.name, apart)
  }
  spread(members, known, put)
  for (const { name } of members) follow(name, members, { places, put, first: known[0] ?? 'east' })
  const used = [...new Set([...places.values()].map(({ is }) => is.site))]
  const rank = (site: string) => (site === edge ? 2 : site === witness ? 1 : 0)
  return {
    sites: [...known, ...used]
      .filter((site, index, all) => all.indexOf(site) === index && used.includes(site))
      .toSorted((a, b) => rank(a) - rank(b)),
    places,
    invented,
  }
}

function standsApart(kind: Kind): boolean {
  return kind === 'monitor' || kind === 'garbd'
}

/** Of no region: whoever decides between them, and the way in. */
function placeApart(
  { name, kind }: Member,
  { numbered, hasApps }: { numbered: ReadonlySet<string>; hasApps: boolean },
): Guess<Place> | undefined {
  if (kind === 'monitor')
    return { is: { site: witness }, because: 'it decides between the regions, so it stands in none' }
  if (kind === 'garbd')
    return { is: { site: witness }, because: 'an arbitrator votes between the regions, so it stands in none' }
  const word = witnessWord(name)
  if (word !== undefined && kind !== 'app') return { is: { site: witness }, because: `its name says "${word}"` }
  const isEntry = kind === 'http router' || (kind === 'database router' && !hasApps)
  if (isEntry && regionWord(name) === undefined && !numbered.has(name))
    return { is: { site: edge }, because: 'clients enter by it, so it is lost with no region' }
  return undefined
}

interface Around {
  places: ReadonlyMap<string, Guess<Place>>
  put(name: string, guess: Guess<Place>): void
}

/**
 * Members of one group, one region each in turn; of those that vote, an odd last one at the witness. So is that of Redis
 * with Sentinel, beside the odd Sentinel: a primary whose last replica stood in the lost region has none that hears it.
 */
function spread(members: readonly Member[], regions: readonly string[], put: Around['put']): void {
  const groups = groupsOf(members.filter(({ kind }) => kind !== 'job'))
  const isOdd = ({ length }: readonly unknown[]) => length % 2 === 1 && regions.length === 2
  const sentinels = groups.find(([first]) => first?.kind === 'sentinel')
  for (const group of groups) {
    const kind = group[0]?.kind ?? 'app'
    const follows = kind === 'redis' && sentinels !== undefined && isOdd(sentinels)
    const votes = (byMajority.includes(kind) || follows) && isOdd(group)
    for (const [index, { name, by }] of group.entries()) {
      const odd = votes && index === group.length - 1
      put(name, {
        is: { site: odd ? witness : (regions[index % regions.length] ?? 'east') },
        because: odd
          ? follows
            ? 'with this one apart, two copies are left whichever region is lost'
            : 'members decide by majority, and with this one apart no region has it alone'
          : `${by}: one region each in turn`,
      })
    }
  }
}

/** The rest stands where what it needs stands, or who needs it. */
function follow(name: string, members: readonly Member[], { places, put, first }: Around & { first: string }): void {
  if (places.has(name)) return
  const seen = new Set([name])
  const queue = [name]
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const member = members.find((each) => each.name === next)
    const near = [
      ...(member?.needs ?? []).flatMap((need) =>
        members.filter((each) => each.name === need || each.of === need).slice(0, 1),
      ),
      ...members.filter(({ needs }) => needs.includes(next) || needs.includes(member?.of ?? '')),
    ]
    for (const each of near) {
      const place = places.get(each.name)?.is
      if (place && place.site !== edge && place.site !== witness) {
        put(name, { is: { site: place.site }, because: `beside ${each.name}` })
        return
      }
      if (!seen.has(each.name)) {
        seen.add(each.name)
        queue.push(each.name)
      }
    }
  }
  put(name, { is: { site: first }, because: 'there is only one of it, and nothing says where: the first region' })
}
