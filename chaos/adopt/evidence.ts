/** What a Compose file itself says of regions: labels, variables, names, networks, profiles. */
import type { Place } from '../worldfile/sites.ts'
import type { Guess } from './kinds.ts'
import type { Seen } from './service.ts'
import { regionWord } from './words.ts'

type Look = (service: Seen) => Guess<Place> | undefined

const regionKey = /(^|[./_-])(region|datacenter|dc|location)$/i
const zoneKey = /(^|[./_-])(zone|az|availability[-_]?zone)$/i

/** In order of certainty. The first that tells two regions or more decides. */
const looks: Look[] = [
  ({ labels }) => said(labels, (key) => `its label ${key}`),
  ({ environment }) => said(environment, (key) => `its variable ${key}`),
  ({ name }) => named(name, 'its name'),
  ({ networks }) => agreed(networks, (network) => `its network ${network}`),
  ({ profiles }) => agreed(profiles, (profile) => `its profile ${profile}`),
]

/** Service → where it stands, for those of which the file says it; empty where it does not tell two regions apart. */
export function placesSaid(services: readonly Seen[]): Map<string, Guess<Place>> {
  for (const look of looks) {
    const found = services.flatMap((service) => {
      const guess = look(service)
      return guess ? [[service.name, guess] as const] : []
    })
    // Words of one family only: "eu" beside "east" is no other region.
    if (new Set(found.map(([, { is }]) => is.site)).size > 1) return new Map(found)
  }
  return new Map()
}

function said(entries: Record<string, string>, words: (key: string) => string): Guess<Place> | undefined {
  const [key, value] = Object.entries(entries).find(([name, text]) => regionKey.test(name) && text !== '') ?? []
  if (key === undefined || value === undefined) return undefined
  const zone = Object.entries(entries).find(([name, text]) => zoneKey.test(name) && text !== '')?.[1]
  return {
    is: { site: siteName(value), ...(zone !== undefined && { zone: siteName(zone) }) },
    because: `${words(key)} is ${value}`,
  }
}

function named(name: string, what: string): Guess<Place> | undefined {
  const found = regionWord(name)
  if (!found) return undefined
  const { word, zone } = found
  return { is: { site: word, ...(zone !== undefined && { zone }) }, because: `${what} says "${word}"` }
}

/** What all names that say a region agree on. */
function agreed(names: readonly string[], what: (name: string) => string): Guess<Place> | undefined {
  const found = names.flatMap((name) => {
    const guess = named(name, what(name))
    return guess ? [{ ...guess, because: what(name) }] : []
  })
  return new Set(found.map(({ is }) => is.site)).size === 1 ? found[0] : undefined
}

/** As a world file can write it. */
export function siteName(text: string): string {
  return (
    text
      .toLowerCase()
      .replaceAll(/[^a-z0-9-]+/g, '-')
      .replaceAll(/^-+|-+$/g, '')
      .slice(0, 31) || 'region'
  )
}
