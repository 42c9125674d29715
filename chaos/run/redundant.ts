/** When the database is redundant again: T8. */
import { messageOf } from '../errors.ts'
import type { Recorder } from '../journal/schema.ts'
import type { View } from '../observers/view.ts'
import { databasesThatTell, isMultiPrimary, type Topology } from '../topology/topology.ts'
import { waitUntil } from '../wait.ts'

const redundantLimitMs = 90_000

interface Options {
  topology: Topology
  view: View
  record: Recorder
  signal: AbortSignal
}

/**
 * Every database node streams from one primary again, on its timeline: a node that diverged reports "streaming" for
 * moments. Not reached is a finding for the judge, not an error.
 */
export async function untilRedundant({ topology, view, record, signal }: Options): Promise<void> {
  const databases = databasesThatTell(topology).map((node) => node.name)
  // Who follows whom, the others never tell.
  if (databases.length === 0) return
  // Where every member takes writes, each of them does again.
  const together = databasesThatTell(topology).some(isMultiPrimary)
  try {
    const { primary, standbys } = await waitUntil(
      async () => {
        const { replication, databases: nodes } = view
        // Each of those that all take writes tells of the others: the one that did so last is as good as any.
        const last = together ? replication?.primary : undefined
        const name = last !== undefined && nodes.get(last)?.accepting ? last : view.primary()
        if (!name) return { done: false, seen: 'no primary' }
        const standbys =
          replication?.primary === name
            ? replication.standbys.filter((standby) => standby.state === 'streaming').map((standby) => standby.node)
            : []
        const following = standbys.filter((standby) => nodes.get(standby)?.timeline === nodes.get(name)?.timeline)
        const missing = databases.filter(
          (node) => node !== name && !(following.includes(node) && (!together || nodes.get(node)?.accepting === true)),
        )
        return missing.length === 0
          ? { done: true, value: { primary: name, standbys: following } }
          : { done: false, seen: `primary ${name}, not following it: ${missing.join(', ')}` }
      },
      { until: 'the database is redundant again', limitMs: redundantLimitMs, everyMs: 50, signal },
    )
    record({ kind: 'redundant', primary, standbys })
  } catch (error) {
    if (!signal.aborted) record({ kind: 'note', text: messageOf(error) })
  }
}
