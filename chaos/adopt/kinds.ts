/** What a service is, told by its image, command, environment and name, with the reason. */
import type { Seen } from './service.ts'

export type Kind =
  | 'postgres'
  | 'patroni'
  | 'monitor'
  | 'mariadb'
  | 'galera'
  | 'garbd'
  | 'redis'
  | 'sentinel'
  | 'nats'
  | 'etcd'
  | 'consul'
  | 'zookeeper'
  | 'cluster'
  | 'http router'
  | 'database router'
  | 'job'
  | 'app'

export interface Guess<T> {
  is: T
  because: string
}

interface Rule {
  is: Kind
  image?: RegExp
  command?: RegExp
  environment?: RegExp
  /** Of its health check. */
  health?: RegExp
  /** Where its volumes are mounted. */
  mount?: RegExp
  /** Of its name, where the image is built from the user's own files and tells nothing. */
  name?: RegExp
}

/** The first that fits, so the special before the general. */
const rules: Rule[] = [
  { is: 'monitor', command: /pg_autoctl create monitor/ },
  { is: 'postgres', command: /pg_autoctl create postgres/ },
  { is: 'sentinel', image: /sentinel/, command: /redis-sentinel|valkey-sentinel|--sentinel/ },
  { is: 'patroni', image: /patroni|^spilo/, command: /\bpatroni\b/, environment: /^PATRONI_(NAME|SCOPE|POSTGRESQL_)/ },
  { is: 'garbd', image: /garbd/, command: /\bgarbd\b/ },
  {
    is: 'galera',
    image: /galera|percona-xtradb-cluster/,
    command: /wsrep[-_]/,
    environment: /GALERA|WSREP|^CLUSTER_JOIN/,
  },
  { is: 'mariadb', image: /^(mariadb|mysql|percona)/ },
  { is: 'database router', image: /^(pgbouncer|pgpool|proxysql|maxscale|pgcat|odyssey)/ },
  { is: 'postgres', image: /^(postgres|postgresql|postgis|timescaledb|pg_auto_failover|postgresql-repmgr|pgvector)/ },
  { is: 'redis', image: /^(redis|valkey|keydb|dragonfly)/ },
  { is: 'nats', image: /^nats(-server)?$/, command: /\bnats-server\b/ },
  { is: 'etcd', image: /^etcd/, environment: /^ETCD_(NAME|LISTEN|INITIAL)/, command: /\betcd --/ },
  { is: 'consul', image: /^consul$/ },
  { is: 'zookeeper', image: /^zookeeper/ },
  {
    is: 'cluster',
    image: /^(rabbitmq|kafka|cp-kafka|redpanda|mongo|cockroach|cassandra|scylla|elasticsearch|opensearch|clickhouse)/,
    command: /--?cluster-enabled/,
  },
  {
    is: 'http router',
    command: /^(haproxy|nginx)\b/,
    image: /^(haproxy|nginx|traefik|caddy|envoy|httpd|kong|openresty)/,
  },
  { is: 'postgres', health: /\bpg_isready\b/, mount: /^\/var\/lib\/(postgresql|pgsql)/ },
  { is: 'mariadb', health: /\bmysqladmin\b|\bmariadb-admin\b/, mount: /^\/var\/lib\/(mysql|mariadb)/ },
  { is: 'redis', health: /\b(redis|valkey)-cli\b/ },
  { is: 'monitor', name: /^(pg-?)?monitor$/ },
  { is: 'postgres', name: /^(postgres|pg|postgresql)([-_]?(\w|primary|standby|replica|master|slave)+)?$/ },
  { is: 'mariadb', name: /^(mysql|mariadb)([-_]?\w+)?$/ },
  { is: 'redis', name: /^(redis|valkey)([-_]?\w+)?$/ },
  { is: 'nats', name: /^nats([-_]?\w+)?$/ },
  {
    is: 'http router',
    name: /^(gateway|lb|loadbalancer|load-balancer|haproxy|nginx|ingress|proxy|router)([-_]?\w+)?$/,
  },
]

/** Ports at which a router relays a database's protocol, or shows its own statistics. */
const databasePorts = new Set([3306, 5000, 5001, 5432, 5433, 6379, 6432, 26_379])
const statisticsPorts = new Set([1936, 7000, 8404, 8405, 9901])

export function kindOf(service: Seen, jobs: ReadonlySet<string>): Guess<Kind> {
  if (jobs.has(service.name)) return { is: 'job', because: 'others wait until it has done its work and ended' }
  // What it runs tells more than the image, which may hold several programs.
  for (const { is, command } of rules)
    if (command?.test(service.command)) return found(is, service, `it runs "${command.exec(service.command)?.[0]}"`)
  for (const rule of rules) {
    const because = whyFits(rule, service)
    if (because !== undefined) return found(rule.is, service, because)
  }
  return { is: 'app', because: 'nothing says that it is anything else' }
}

function found(is: Kind, service: Seen, because: string): Guess<Kind> {
  return is === 'http router' ? routerKind(service, because) : { is, because }
}

function whyFits({ image, environment, health, mount, name }: Rule, service: Seen): string | undefined {
  if (image?.test(service.image)) return `its image is ${service.imageWords}`
  const variable = Object.keys(service.environment).find((each) => environment?.test(each))
  if (variable !== undefined) return `it has the variable ${variable}`
  if (health?.test(service.health)) return `its health check is ${health.exec(service.health)?.[0]}`
  const data = service.given.volumes?.find(({ target }) => mount?.test(target))
  if (data) return `its data is in ${data.target}`
  return name?.test(service.name) ? 'of its name' : undefined
}

function routerKind(service: Seen, because: string): Guess<Kind> {
  const ports = (service.given.ports ?? []).map(({ target }) => target)
  const relayed = ports.filter((port) => !statisticsPorts.has(port))
  return relayed.length > 0 && relayed.every((port) => databasePorts.has(port))
    ? { is: 'database router', because: `${because}, and it publishes ${relayed.join(', ')}` }
    : { is: 'http router', because }
}

/** The ports of a router at which clients may enter, the likeliest first. */
export function entryPorts({ given }: Seen): number[] {
  const ports = [...(given.ports ?? []).map(({ target }) => target)].filter(
    (port) => !databasePorts.has(port) && !statisticsPorts.has(port),
  )
  const likely = [80, 8080, 8000, 3000, 443, 8443]
  const rank = (port: number) => (likely.includes(port) ? likely.indexOf(port) : likely.length)
  return [...new Set(ports)].toSorted((a, b) => rank(a) - rank(b))
}

/** Members that must agree by majority: an odd one stands apart, so that no region alone has the majority. */
export const byMajority: readonly Kind[] = ['galera', 'nats', 'etcd', 'consul', 'zookeeper', 'sentinel', 'cluster']
/** Members that tell each other their addresses, which a relayed connection would not have. */
export const tellAddresses: readonly Kind[] = ['galera', 'nats', 'sentinel', 'cluster', 'consul', 'zookeeper']
