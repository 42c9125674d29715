/** When the database is redundant again: T8. */
import { messageOf } from '../errors.ts'
import type { Recorder } from '../journal/schema.ts'
import { awayRoles, caughtUpBytes } from '../judge/redundancy.ts'
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
  const databases = databasesThatTell(topology)
  if (databases.length === 0) return
  if (view.replication === undefined && view.primary() !== undefined && databases.length > 1)
    return void record({
      kind: 'note',
      text: 'when the database is redundant again is not observed: no database has told who follows it',
    })
  try {
    const { primary, standbys } = await waitUntil(
      async () => {
        const seen = redundancySeen(topology, view)
        return typeof seen === 'string' ? { done: false, seen } : { done: true, value: seen }
      },
      { until: 'the database is redundant again', limitMs: redundantLimitMs, everyMs: 50, signal },
    )
    record({ kind: 'redundant', primary, standbys })
  } catch (error) {
    if (!signal.aborted) record({ kind: 'note', text: messageOf(error) })
  }
}

/**
 * Who is followed by whom, or what is missing. Nothing may pass here that the judge would not take: it was inconclusive
 * over a word that came 23 ms later. Only where the user may not write a probe, so that nobody sees writes, this does not
 * wait for one, and leaves the rest to the judge.
 */
export function redundancySeen(topology: Topology, view: View): { primary: string; standbys: string[] } | string {
  const { replication, databases: nodes } = view
  // Where every member takes writes, each of them does again.
  const together = nodesOf(topology, 'database').some(isMultiPrimary)
  const primary = together ? memberThatTold(view) : view.primary()
  if (primary === undefined) return 'no primary'
  if (view.areWritesSeen && !nodes.get(primary)?.accepting) return `primary ${primary} takes no writes`
  if (!together && nodes.get(primary)?.role === 'standby')
    return `${primary} takes writes, and says that it is a standby`
  const standbys = (replication?.primary === primary ? replication.standbys : [])
    .filter(({ state, lagBytes }) => state === 'streaming' && (lagBytes ?? 0) <= caughtUpBytes)
    .map(({ node }) => node)
    // One that commits, or is counted, may not have been asked again since it was away.
    .filter((node) => !awayRoles.includes(nodes.get(node)?.role ?? ''))
    // One that came back as the primary that it was, and still says so, does not follow, though the new one counts it.
    .filter((node) => together || nodes.get(node)?.role !== 'primary')
    .filter((node) => !together || nodes.get(node)?.accepting)
    .filter((node) => nodes.get(node)?.timeline === nodes.get(primary)?.timeline)
  const missing = databasesThatTell(topology)
    .map(({ name }) => name)
    .filter((node) => node !== primary && !standbys.includes(node))
  return missing.length === 0 ? { primary, standbys } : `primary ${primary}, not following it: ${missing.join(', ')}`
}

/** Of members that all take writes, the one that told last who follows it. */
function memberThatTold({ replication, databases }: View): string | undefined {
  return replication && databases.get(replication.primary)?.accepting ? replication.primary : undefined
}
