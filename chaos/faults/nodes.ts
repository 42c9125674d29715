/** What faults of nodes have in common. */
import type { ResolvedTarget } from './targets.ts'

export function onlyNodes(kind: string, target: ResolvedTarget): string | undefined {
  if (target.nodes.length === 0)
    return `${kind} acts on nodes, and ${target.name} has none; links take blackhole, hang or refuse`
  return undefined
}
