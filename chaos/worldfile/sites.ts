/** Where services stand, as a world file says. */
import type { Path } from '../yaml/shape.ts'
import type { WorldFile } from './schema.ts'

export interface Place {
  site: string
  zone?: string
}

export type SiteKind = 'region' | 'witness' | 'edge'

export function kindOf({ sites }: WorldFile, site: string): SiteKind {
  return sites[site]?.kind ?? (site === 'edge' || site === 'witness' ? site : 'region')
}

/** All sites, with the edge that the world has for its clients where the file names none. */
export function siteNamesOf(world: WorldFile): string[] {
  const names = Object.keys(world.sites)
  const hasEdge = names.some((site) => kindOf(world, site) === 'edge')
  return world.clients && !hasEdge ? [...names, 'edge'] : names
}

/** A place, and where the file says so. */
interface Said {
  place: Place
  path: Path
  /** "east", "east/a" */
  words: string
}

/** Service → everywhere that the file places it; more than once is a mistake of the file's. */
export function pathsOf({ sites }: WorldFile): Map<string, Said[]> {
  const said = new Map<string, Said[]>()
  const put = (service: string, place: Place, path: Path) => {
    const words = place.zone === undefined ? place.site : `${place.site}/${place.zone}`
    said.set(service, [...(said.get(service) ?? []), { place, path, words }])
  }
  for (const [site, { services = [], zones = {} }] of Object.entries(sites)) {
    for (const [index, service] of services.entries()) put(service, { site }, ['sites', site, 'services', index])
    for (const [zone, members] of Object.entries(zones))
      for (const [index, service] of members.entries())
        put(service, { site, zone }, ['sites', site, 'zones', zone, index])
  }
  return said
}

/** Service → all places at which the file names it. */
export function placesOf(world: WorldFile): Map<string, Place[]> {
  return new Map([...pathsOf(world)].map(([service, said]) => [service, said.map(({ place }) => place)]))
}
