/** When the database is redundant again: T8. */
import { messageOf } from '../errors.ts'
import type { Recorder } from '../journal/schema.ts'
import type { View } from '../observers/view.ts'
import { databasesThatTell, isMultiPrimary, nodesOf, type Topology } from '../topology/topology.ts'
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
 * moments. Not reached is a finding for the judge, not an error. Databases that cannot tell who follows them are not
 * waited for; nor are those that did not tell it in the whole trial, their user having no right to know.
 */
export async function untilRedundant({ topology, view, record, signal }: Options): Promise<void> {
  const databases = databasesThatTell(topology).map(({ name }) => name)
  if (databases.length === 0) return
  // Where every member takes writes, each of them does again.
  const together = nodesOf(topology, 'database').some(isMultiPrimary)
  if (view.replication === undefined && view.primary() !== undefined && databases.length > 1)
    return void record({
      kind: 'note',
      text: 'when the database is redundant again is not observed: no database has told who follows it',
    })
  try {
    const { primary, standbys } = await waitUntil(
      async () => {
        const { replication, databases: nodes } = view
        const name = together ? memberThatTold(view) : view.primary()
        if (!name) return { done: false, seen: 'no primary' }
        const standbys =
          replication?.primary === name
            ? replication.standbys.filter((standby) => standby.state === 'streaming').map((standby) => standby.node)
            : []
        // One that came back as the primary that it was, and still says so, does not follow, though the new one counts it.
        const following = standbys
          .filter((standby) => together || nodes.get(standby)?.role !== 'primary')
          .filter((standby) => nodes.get(standby)?.timeline === nodes.get(name)?.timeline)
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

/** Of members that all take writes, the one that told last who follows it. */
function memberThatTold({ replication, databases }: View): string | undefined {
  return replication && databases.get(replication.primary)?.accepting ? replication.primary : undefined
}
