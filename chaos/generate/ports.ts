/** Which ports of a service links must carry, and which the harness asks. */
import type { Databases, WorldFile } from '../worldfile/schema.ts'
import type { ConfigService } from './config.ts'

/** Where members of an engine listen unless the file says otherwise. */
const enginePorts: Record<Databases['engine'], number[]> = {
  postgres: [5432],
  patroni: [5432, 8008],
  mariadb: [3306],
  redis: [6379],
  http: [],
}

/** Where well-known images listen, by the last part of their name. */
const imagePorts: [name: RegExp, ports: number[]][] = [
  [/^(postgres|postgresql|postgis|timescaledb|spilo.*)$/, [5432]],
  [/^(mysql|mariadb|percona.*)$/, [3306]],
  [/^(mariadb-galera|galera)$/, [3306, 4444, 4567, 4568]],
  [/^(redis|valkey|redis-stack.*)$/, [6379]],
  [/^(redis-sentinel|valkey-sentinel)$/, [26_379]],
  [/^etcd$/, [2379, 2380]],
  [/^consul$/, [8300, 8301, 8500, 8600]],
  [/^nats$/, [4222, 6222, 8222]],
  [/^(rabbitmq)$/, [4369, 5672, 25_672]],
  [/^(mongo|mongodb)$/, [27_017]],
  [/^(nginx|httpd|caddy|traefik)$/, [80]],
]

/** All TCP ports of a service that are known, in order of certainty; the first is taken for the one that it is for. */
export function portsOf(service: string, { image, ports, expose }: ConfigService, world: WorldFile): number[] {
  const declared = [
    ...(world.ports[service] ?? []),
    ...world.databases.filter(({ nodes }) => nodes.includes(service)).flatMap(databasePorts),
    ...(ports ?? []).filter(({ protocol }) => protocol !== 'udp').map(({ target }) => target),
    ...(expose ?? []).flatMap(exposed),
  ]
  return [...new Set(declared.length > 0 ? declared : imagePortsOf(image))]
}

function databasePorts({ engine, port }: Databases): number[] {
  const [first, ...others] = enginePorts[engine]
  const main = port ?? first
  return main === undefined ? [] : [main, ...others]
}

/** "8080", "8080/tcp", "8000-8003"; nothing for UDP. */
function exposed(entry: string | number): number[] {
  const [, from, to, protocol] = /^(\d+)(?:-(\d+))?(?:\/(\w+))?$/.exec(String(entry)) ?? []
  if (from === undefined || (protocol !== undefined && protocol !== 'tcp')) return []
  return Array.from({ length: Number(to ?? from) - Number(from) + 1 }, (_, index) => Number(from) + index)
}

function imagePortsOf(image = ''): number[] {
  const name = /([^/:@]+)(?::[^/]*)?(?:@.*)?$/.exec(image)?.[1] ?? ''
  return imagePorts.find(([pattern]) => pattern.test(name))?.[1] ?? []
}

/** Purpose → port, for what the harness asks of a database. */
export function databasePurposes(databases: Databases): Record<string, number> {
  const [main, second] = databasePorts(databases)
  switch (databases.engine) {
    case 'patroni':
      return { ...(main && { sql: main }), ...(second && { rest: second }) }
    case 'postgres':
    case 'mariadb':
      return main ? { sql: main } : {}
    case 'redis':
      return main ? { redis: main } : {}
    case 'http':
      return main ? { http: main } : {}
  }
}
