/** Who reads writes back after a trial, where a world file made the world, and by what. */
import type { EventOf } from '../journal/schema.ts'
import { answersSql } from '../stack/databases/kinds.ts'
import { type Node, nodesAskedByHttp, nodesOf, type Topology } from '../topology/topology.ts'
import type { WorldFile } from '../worldfile/schema.ts'
import { nodesToRunIn } from './audit-command.ts'

/** Undefined: each database by its own label, as ever. @throws UsageError for a service that is not there */
export function auditorsOf(topology: Topology, plan: WorldFile | undefined): EventOf<'trial.opened'>['audit'] {
  if (plan === undefined) return undefined
  const writes = plan.audit?.writes
  if (writes === undefined) return { by: 'nobody', nodes: [] }
  const named = (nodes: readonly Node[]) => nodes.map(({ name }) => name)
  if ('command' in writes) return { by: 'command', nodes: named(nodesToRunIn(writes.command, topology)) }
  if ('http' in writes) return { by: 'http', nodes: named(nodesAskedByHttp(topology)) }
  // Of databases of two kinds one is read: a cache beside a database keeps nothing that was promised.
  const read = nodesOf(topology, 'database').filter((node) => isAuditedBy(writes, node))
  return read.length === nodesOf(topology, 'database').length ? undefined : { by: 'database', nodes: named(read) }
}

function isAuditedBy(writes: { sql: string } | { redis: object }, node: Node): boolean {
  return 'sql' in writes ? answersSql(node) : node.attributes['database.engine'] === 'redis'
}

/** A world file's SQL, or its Redis key, stands in for the labels of its databases; so do its rules for what they store. */
export function withAuditLabels(topology: Topology, plan: WorldFile | undefined): Topology {
  const audit = plan?.audit
  if (audit === undefined) return topology
  const { writes, invariants } = audit
  const what = 'sql' in writes ? writes.sql : 'redis' in writes ? writes.redis.key : undefined
  const labelsOf = (node: Node) => ({
    ...(what !== undefined &&
      ('sql' in writes || 'redis' in writes) &&
      isAuditedBy(writes, node) && { 'audit.writes': what }),
    ...(invariants && answersSql(node) && { 'audit.invariants': invariants.sql }),
  })
  const nodes = topology.nodes.map((node) =>
    node.role === 'database' ? { ...node, attributes: { ...labelsOf(node), ...node.attributes } } : node,
  )
  return { ...topology, nodes }
}
