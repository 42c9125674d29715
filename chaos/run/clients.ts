/** The clients of a system of one's own: what its world file says of them, and the script that it names. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UsageError } from '../errors.ts'
import type { EventOf } from '../journal/schema.ts'
import type { Clients } from '../load/program.ts'
import { workRoot } from '../roots.ts'
import type { Topology } from '../topology/topology.ts'
import type { WorldFile } from '../worldfile/schema.ts'

/**
 * `enter` as the load can use it: by the address that a node's label gives, where it has one.
 * @throws UsageError when the script cannot be read
 */
export async function clientsOf(plan: WorldFile | undefined, topology: Topology): Promise<Clients | undefined> {
  const named = plan?.clients
  if (named === undefined) return undefined
  const clients: Clients = { ...named, enter: named.enter.map((url) => addressOf(url, topology)) }
  if (clients.script === undefined) return clients
  if (clients.requests !== undefined)
    throw new UsageError('blackstart.yaml: clients have requests and a script, and only one of them can be played')
  const path = join(workRoot(), clients.script)
  try {
    return { ...clients, scriptText: await readFile(path, 'utf8') }
  } catch (error) {
    throw new UsageError(`clients.script: ${path} cannot be read`, { cause: error })
  }
}

/** The name in a URL is that of the service; the load's network may not know it. */
function addressOf(url: string, { nodes }: Topology): string {
  const { hostname, port } = new URL(url)
  const entries = nodes.filter(({ attributes }) => attributes['router.entry'] !== undefined)
  const node = entries.find(({ name }) => name === hostname) ?? (entries.length === 1 ? entries[0] : undefined)
  const entry = node?.attributes['router.entry']
  return entry !== undefined && new URL(entry).port === port ? entry : url
}

/** What the judge must know of them. */
export function clientsFact({ enter, requests, script }: Clients): NonNullable<EventOf<'trial.opened'>['clients']> {
  return {
    enter,
    ...(script !== undefined && { script: true }),
    ...(requests && {
      requests: requests.map(({ name, write, acknowledged }) => ({
        name,
        write,
        ...(acknowledged && { acknowledged }),
      })),
    }),
  }
}
