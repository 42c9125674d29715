/** How nodes reach sites to which a link routes: their subnets by way of the link. */
import type { Addresses } from './addresses.ts'
import type { GeneratedLink } from './node.ts'

/** For the label `blackstart.routes`: "198.18.0.32/27 via 198.18.0.5, …"; undefined for a site without such links. */
export function routesFrom(
  site: string,
  { links, addresses }: { links: readonly GeneratedLink[]; addresses: Addresses },
): string | undefined {
  const routes = links
    .filter(({ sites, via }) => via === 'route' && sites.includes(site))
    .map((link) => {
      const other = link.sites[0] === site ? link.sites[1] : link.sites[0]
      return `${addresses.subnets.get(other)?.subnet} via ${addresses.linkAt(link, site)}`
    })
  return routes.length === 0 ? undefined : routes.join(', ')
}
