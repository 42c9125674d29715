// Goal: the world's Compose file holds no setting that an engine in use refuses, or takes and forgets; each that does
// is named, with the engines.
// Method: the file as Compose renders it, and rules for what engines were seen to refuse.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { packageRoot } from '../../chaos/roots.ts'

interface Service {
  sysctls?: Record<string, unknown>
  network_mode?: string
  networks?: Record<string, { driver_opts?: Record<string, unknown> } | null>
  cgroup_parent?: string
}

/** What engines refuse or forget: who it is, and why. */
const rules: { why: string; finds(service: Service): string[] }[] = [
  {
    why: 'Engine 27 and later refuse settings of one interface for a container: an interface has its name from the endpoint',
    finds: ({ sysctls = {} }) =>
      Object.keys(sysctls).filter((key) => /^net\.(ipv4|ipv6|mpls)\.(conf|neigh)\.(?!all\.|default\.)/.test(key)),
  },
  {
    why: 'every engine refuses settings of a network that the container does not have to itself',
    finds: ({ network_mode, sysctls = {} }) =>
      network_mode === 'host' ? Object.keys(sysctls).filter((key) => key.startsWith('net.')) : [],
  },
  {
    why: "the engine refuses settings that are not a namespace's own",
    finds: ({ sysctls = {} }) =>
      Object.keys(sysctls).filter(
        (key) =>
          !/^(net\.|fs\.mqueue\.|kernel\.(msgmax|msgmnb|msgmni|sem|shmall|shmmax|shmmni|shm_rmid_forced)$)/.test(key),
      ),
  },
  {
    why: 'only Engine 27 and later know settings of an endpoint; older ones take them and do nothing',
    finds: ({ networks = {} }) =>
      Object.entries(networks).flatMap(([name, endpoint]) =>
        Object.keys(endpoint?.driver_opts ?? {}).map((key) => `${name}: ${key}`),
      ),
  },
  {
    why: 'with systemd as its cgroup driver the engine takes slices alone',
    finds: ({ cgroup_parent }) =>
      cgroup_parent !== undefined && !cgroup_parent.endsWith('.slice') ? [cgroup_parent] : [],
  },
]

/** One sentence for each setting that some engine does not take. */
function refused(services: Record<string, Service>): string[] {
  return Object.entries(services).flatMap(([name, service]) =>
    rules.flatMap(({ why, finds }) => finds(service).map((found) => `${name}: ${found} (${why})`)),
  )
}

/** The file as Compose understands it. Passwords are asked for by name, and any will do. */
function rendered(...files: string[]): Record<string, Service> {
  const passwords = [
    'SUPERUSER',
    'REPLICATION',
    'PATRONI',
    'LEDGER',
    'OBSERVER',
    'DCS',
    'DCS_PATRONI',
    'DCS_ARBITER',
    'STORE',
  ].map((name) => [`BLACKSTART_PASSWORD_${name}`, 'any'])
  const args = ['compose', ...files.flatMap((file) => ['-f', join(packageRoot, file)]), 'config', '--format', 'json']
  const text = execFileSync('docker', args, {
    cwd: packageRoot,
    env: { ...process.env, ...Object.fromEntries(passwords) },
    encoding: 'utf8',
    maxBuffer: 2 ** 24,
  })
  return (JSON.parse(text) as { services: Record<string, Service> }).services
}

test.for([[['docker-compose.yml']], [['docker-compose.yml', 'regions/small-disks.yml']]])(
  'no engine refuses what %s asks for',
  ([files = []]) => {
    const services = rendered(...files)
    expect(Object.keys(services).length).toBeGreaterThan(30)
    expect(refused(services)).toEqual([])
  },
)

test('what an engine refuses is named', () => {
  const service: Service = {
    sysctls: { 'net.ipv4.neigh.eth1.retrans_time_ms': 50, 'net.ipv4.conf.all.forwarding': 1, 'kernel.panic': 1 },
    cgroup_parent: 'mine',
    networks: {
      east: { driver_opts: { 'com.docker.network.endpoint.sysctls': 'net.ipv4.neigh.IFNAME.retrans_time_ms=50' } },
    },
  }
  expect(
    refused({ link: service, host: { network_mode: 'host', sysctls: { 'net.ipv4.tcp_retries2': 5 } } }).map(
      (line) => line.split(' (')[0],
    ),
  ).toEqual([
    'link: net.ipv4.neigh.eth1.retrans_time_ms',
    'link: kernel.panic',
    'link: east: com.docker.network.endpoint.sysctls',
    'link: mine',
    'host: net.ipv4.tcp_retries2',
  ])
})
