/** Asks a primary to hand over, through Patroni. */
import { InstrumentError, messageOf } from '../errors.ts'
import type { PreparedFault } from '../faults/fault.ts'
import { patroniAuthorization } from '../stack/access.ts'
import { endpointOf, type Node } from '../topology/topology.ts'
import { type Ground, healOnce } from './prepared.ts'

/** Patroni answers when it is done; its own limit is some loops. */
const limitMs = 30_000

/** Healing is nothing: the new primary stays. */
export function handOver(primary: Node, to: Node, { now, takenBy }: Ground): PreparedFault {
  return {
    async inject() {
      const atMs = now()
      await ask(primary, to).catch((error: unknown) => {
        // It was asked, and then something else befell it: that is the outcome, and no failure to ask.
        if (!takenBy?.(primary.name)) throw error
      })
      return { acts: 1, firstActMs: atMs, lastActMs: atMs, ...healOnce(async () => {}) }
    },
    async dispose() {},
  }
}

async function ask(primary: Node, to: Node): Promise<void> {
  try {
    const { host, port } = endpointOf(primary, 'rest')
    const response = await fetch(`http://${host}:${port}/switchover`, {
      method: 'POST',
      headers: patroniAuthorization(primary),
      body: JSON.stringify({ leader: primary.name, candidate: to.name }),
      signal: AbortSignal.timeout(limitMs),
    })
    const said = (await response.text()).trim()
    if (!response.ok) throw new Error(`${response.status}: ${said}`)
  } catch (error) {
    throw new InstrumentError(`${primary.name} was asked to hand over to ${to.name} and did not: ${messageOf(error)}`, {
      cause: error,
    })
  }
}
