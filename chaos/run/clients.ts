/** The clients of a system of one's own: what its world file says of them, and the script that it names. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UsageError } from '../errors.ts'
import type { EventOf } from '../journal/schema.ts'
import type { Clients } from '../load/program.ts'
import { workRoot } from '../roots.ts'
import type { WorldFile } from '../worldfile/schema.ts'

/** @throws UsageError when the script cannot be read, or when clients have nothing to ask */
export async function clientsOf(plan: WorldFile | undefined): Promise<Clients | undefined> {
  const clients = plan?.clients
  if (plan === undefined) return undefined
  if (clients === undefined)
    throw new UsageError(
      'blackstart.yaml says nothing of clients: add clients.enter, and clients.requests or clients.script',
    )
  if ((clients.requests === undefined) === (clients.script === undefined))
    throw new UsageError('blackstart.yaml: clients need either requests or a script')
  if (clients.script === undefined) return clients
  const path = join(workRoot(), clients.script)
  try {
    return { ...clients, scriptText: await readFile(path, 'utf8') }
  } catch (error) {
    throw new UsageError(`clients.script: ${path} cannot be read`, { cause: error })
  }
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
