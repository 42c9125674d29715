/** Asks a primary to hand over, through Patroni. */
import type { PreparedFault } from '../faults/fault.ts'
import { switchOver } from '../stack/patroni.ts'
import type { Node } from '../topology/topology.ts'
import { type Ground, healOnce } from './prepared.ts'

/** Patroni answers when it is done; its own limit is some loops. */
const limitMs = 30_000

/** Healing is nothing: the new primary stays. */
export function handOver(primary: Node, to: Node, { now, takenBy }: Ground): PreparedFault {
  return {
    async inject() {
      const atMs = now()
      await switchOver(primary, to, { limitMs }).catch((error: unknown) => {
        // It was asked, and then something else befell it: that is the outcome, and no failure to ask.
        if (!takenBy?.(primary.name)) throw error
      })
      return { acts: 1, firstActMs: atMs, lastActMs: atMs, ...healOnce(async () => {}) }
    },
    async dispose() {},
  }
}
