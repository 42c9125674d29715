/** Asks a primary to hand over, through Patroni. */
import type { PreparedFault } from '../faults/fault.ts'
import { switchOver } from '../stack/patroni.ts'
import type { Node } from '../topology/topology.ts'
import { type Ground, healOnce } from './prepared.ts'

/** Patroni answers when it has finished; its own time limit is several of its loops. */
const limitMs = 30_000

/** Healing is nothing: the new primary stays. */
export function handOver(primary: Node, to: Node, { now, takenBy }: Ground): PreparedFault {
  return {
    async inject() {
      const atMs = now()
      await switchOver(primary, to, { limitMs }).catch((error: unknown) => {
        // It was asked, and then another fault hit it: that is the outcome, and the request did not fail.
        if (!takenBy?.(primary.name)) throw error
      })
      return { acts: 1, firstActMs: atMs, lastActMs: atMs, ...healOnce(async () => {}) }
    },
    async dispose() {},
  }
}
