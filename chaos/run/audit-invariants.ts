/** What must hold for the stored data, where something else than SQL reads the writes: each SQL database is asked apart. */
import { messageOf } from '../errors.ts'
import type { EventBody } from '../journal/schema.ts'
import { adapterOf } from '../stack/databases/kinds.ts'
import { type Node, nodesOf, type Topology } from '../topology/topology.ts'
import { snapshotNow } from './audit-rounds.ts'

type Asked = Extract<EventBody, { kind: 'audit.invariants' | 'audit.failed' }>

/** Databases with rules, which their label has: see `withAuditLabels`. */
export function nodesWithInvariants(topology: Topology): Node[] {
  return nodesOf(topology, 'database').filter(({ attributes }) => attributes['audit.invariants'])
}

/** One answer a database; a question that was not answered makes the trial inconclusive. */
export async function readInvariants(topology: Topology, nowMs: () => number): Promise<Asked[]> {
  return Promise.all(nodesWithInvariants(topology).map((node) => askOne(node, nowMs)))
}

async function askOne(node: Node, nowMs: () => number): Promise<Asked> {
  const snapshotMs = snapshotNow(nowMs)
  try {
    const invariants = await adapterOf(node).rules?.(node, node.attributes['audit.invariants'] ?? '')
    if (invariants === undefined) throw new Error('it answers no SQL')
    return { kind: 'audit.invariants', node: node.name, invariants, snapshotMs }
  } catch (error) {
    return { kind: 'audit.failed', node: node.name, reason: `its invariants: ${messageOf(error)}` }
  }
}
