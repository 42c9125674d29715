/** The parts among which the machine's time is shared out, and whose each process and each container is. */
import type { ProcessCounters } from '../../chaos/host/counters.ts'

export const components = [
  'links',
  'ledger',
  'PostgreSQL and Patroni',
  'harness',
  'etcd',
  'beacons',
  'HAProxy',
  'Redis and Sentinel',
  'k6',
  'arbiter and lookouts',
  'other nodes of the world',
  'engine (dockerd, containerd, shims, docker-proxy)',
  'threads of the kernel',
  'other programs on this machine',
] as const
export type Component = (typeof components)[number]

const byRole: Record<string, Component> = {
  link: 'links',
  app: 'ledger',
  database: 'PostgreSQL and Patroni',
  dcs: 'etcd',
  beacon: 'beacons',
  router: 'HAProxy',
  store: 'Redis and Sentinel',
  load: 'k6',
  arbiter: 'arbiter and lookouts',
}

const engines = /^(?:dockerd|docker-proxy|containerd.*|runc.*)$/

/** What a cell has to know of a moment to share it out. */
export interface Whose {
  /** Role of each container of the world, by its id. */
  roles: Map<string, string>
  /** The process of the harness, which counts with all its descendants. */
  harness: number | undefined
}

/** The component of a container; of one that is not the world's: other programs. */
export function componentOfContainer(id: string, { roles }: Whose): Component {
  const role = roles.get(id)
  return role === undefined ? 'other programs on this machine' : (byRole[role] ?? 'other nodes of the world')
}

/** The component of a process outside containers. `parentOf`: the process with this id, now. */
export function componentOfProcess(
  process: ProcessCounters,
  { harness }: Whose,
  parentOf: (pid: number) => ProcessCounters | undefined,
): Component {
  if (process.kernel) return 'threads of the kernel'
  if (engines.test(process.name)) return 'engine (dockerd, containerd, shims, docker-proxy)'
  for (let each: ProcessCounters | undefined = process; each && harness !== undefined; each = parentOf(each.parent)) {
    if (each.pid === harness) return 'harness'
    if (each.parent === each.pid) break
  }
  return 'other programs on this machine'
}
