/** A service with several replicas becomes as many services: each needs a place, an address and faults of its own. */
import { UsageError } from '../errors.ts'
import type { WorldFile } from '../worldfile/schema.ts'
import type { Config, ConfigService } from './config.ts'

/**
 * The same configuration and file with "web" (3 replicas) as web-1, web-2 and web-3, all of them called "web" too. A file that
 * names "web" means all three; it may also name each.
 */
export function withoutReplicas(config: Config, world: WorldFile): { config: Config; world: WorldFile } {
  const copies = new Map(
    Object.entries(config.services).flatMap(([name, { scale, deploy }]) => {
      const count = scale ?? deploy?.replicas ?? 1
      return count === 1 ? [] : [[name, Array.from({ length: count }, (_, index) => `${name}-${index + 1}`)] as const]
    }),
  )
  if (copies.size === 0) return { config, world }
  for (const [name, replicas] of copies) {
    const taken = replicas.find((copy) => copy in config.services)
    if (taken !== undefined)
      throw new UsageError(
        `${name} has ${replicas.length} replicas, and one would be called ${taken}, which is a service: rename it`,
      )
  }
  const all = (name: string): string[] => copies.get(name) ?? [name]
  const entries = <T>(record: Record<string, T>) =>
    Object.fromEntries(Object.entries(record).flatMap(([name, value]) => all(name).map((copy) => [copy, value])))
  const services = Object.entries(config.services).flatMap(([name, given]) =>
    all(name).map(
      (copy) => [copy, copyOf(given, copies.has(name) ? name : undefined, { project: config.name, entries })] as const,
    ),
  )
  return {
    config: { ...config, services: Object.fromEntries(services) },
    world: {
      ...world,
      sites: Object.fromEntries(
        Object.entries(world.sites).map(([site, { services, zones, ...rest }]) => [
          site,
          {
            ...rest,
            ...(services && { services: services.flatMap(all) }),
            ...(zones && {
              zones: Object.fromEntries(Object.entries(zones).map(([zone, members]) => [zone, members.flatMap(all)])),
            }),
          },
        ]),
      ),
      ports: entries(world.ports),
      roles: entries(world.roles),
      databases: world.databases.map((group) => ({ ...group, nodes: group.nodes.flatMap(all) })),
    },
  }
}

function copyOf(
  given: ConfigService,
  name: string | undefined,
  { project, entries }: { project: string; entries: <T>(record: Record<string, T>) => Record<string, T> },
): ConfigService {
  const { scale: _, deploy, depends_on, ...rest } = given
  const { replicas: __, ...deployed } = deploy ?? {}
  return {
    ...rest,
    ...(deploy && { deploy: deployed }),
    ...(depends_on && { depends_on: entries(depends_on) }),
    // One image for all, by the name that Compose gives it.
    ...(name !== undefined && rest.build !== undefined && { image: rest.image ?? `${project}-${name}` }),
    ...(name !== undefined && { networks: { ...rest.networks, '': { aliases: [name] } } }),
  }
}
