/** A service of the user in a generated world: all that the file says, except how it reaches others. */
import type { ConfigService } from './config.ts'
import type { Around } from './generate.ts'
import { extraHosts } from './hosts.ts'
import type { GeneratedNode } from './node.ts'
import { ownMounts } from './volumes.ts'

export function serviceIn(
  node: GeneratedNode,
  given: ConfigService,
  around: Pick<Around, 'nodes' | 'addresses' | 'config'>,
): { service: Record<string, unknown>; volumes: string[]; notes: string[] } {
  const {
    container_name: _name,
    networks: _networks,
    links: _links,
    external_links: _external,
    ports: _ports,
    extra_hosts: _hosts,
    volumes: _volumes,
    profiles: _profiles,
    mac_address: _mac,
    scale: _scale,
    develop: _develop,
    ...kept
  } = given
  const { mounts, made, notes } = ownMounts(node.service, given)
  return {
    service: {
      ...kept,
      ...imageOf(node.service, given, around.config.name),
      ...(mounts.length > 0 && { volumes: mounts }),
      ...(node.hasAddress && { extra_hosts: extraHosts(node, given, around) }),
    },
    volumes: made,
    notes: [...notes, ...fixedAddresses(node.service, given)],
  }
}

/** The user's own image, which Compose would name by the project: built once for the system and its worlds. */
function imageOf(service: string, { build, image }: ConfigService, project: string): { image?: string } {
  return build !== undefined && image === undefined ? { image: `${project}-${service}` } : {}
}

function fixedAddresses(service: string, { networks }: ConfigService): string[] {
  return Object.values(networks ?? {}).flatMap((network) => {
    const address = network?.['ipv4_address']
    return typeof address === 'string'
      ? [`${service} has not the address ${address} here: others must know it by name`]
      : []
  })
}
