/** Where services stand, as a world file says. */
import type { WorldFile } from './schema.ts'

export interface Place {
  site: string
  zone?: string
}

export type SiteKind = 'region' | 'witness' | 'edge'

export function kindOf({ sites }: WorldFile, site: string): SiteKind {
  return sites[site]?.kind ?? (site === 'edge' || site === 'witness' ? site : 'region')
}

/** Service → all places at which the file names it; more than one is a mistake of the file's. */
export function placesOf({ sites }: WorldFile): Map<string, Place[]> {
  const places = new Map<string, Place[]>()
  const put = (service: string, place: Place) => places.set(service, [...(places.get(service) ?? []), place])
  for (const [site, { services = [], zones = {} }] of Object.entries(sites)) {
    for (const service of services) put(service, { site })
    for (const [zone, members] of Object.entries(zones)) for (const service of members) put(service, { site, zone })
  }
  return places
}
