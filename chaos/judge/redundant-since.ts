/** Databases that were redundant again after the heal stay so until they are read, or their readings are of another world. */
import type { RecordedJournal } from '../journal/recorded.ts'
import type { EventOf } from '../journal/schema.ts'
import { moment } from './figures.ts'
import { caughtUpBytes, redundantAfterHeal } from './redundancy.ts'
import type { Defect } from './validity-load.ts'

/** As far as the clocks of a database and of the harness may be apart. */
const clocksApartMs = 1_000

/** Why they were no longer redundant when they were read; undefined where they were, or never had been. */
export function redundancyLapsed(journal: RecordedJournal): Defect {
  const redundant = redundantAfterHeal(journal)
  return redundant && (unfollowed(journal, redundant) ?? startedAnew(journal, redundant))
}

/** By the last word of the primary before the first reading, every standby still streams from it. */
function unfollowed(journal: RecordedJournal, { primary, standbys, atMs }: EventOf<'redundant'>): Defect {
  const readMs = journal.of('audit.read').reduce((first, event) => Math.min(first, event.atMs), Infinity)
  const told = journal.of('database.replication').findLast((event) => event.atMs > atMs && event.atMs < readMs)
  if (told?.primary !== primary) return undefined
  const fallen = standbys.find((name) => told.standbys.find(({ node }) => node === name)?.state !== 'streaming')
  if (fallen !== undefined)
    return `${fallen} no longer streamed from ${primary} at ${moment(told.atMs)}, after the databases were redundant and before they were read`
  const behind = told.standbys.find(({ lagBytes }) => lagBytes !== null && lagBytes > caughtUpBytes)
  return (
    behind &&
    `${behind.node} was ${behind.lagBytes} bytes behind ${primary} at ${moment(told.atMs)}, after the databases were redundant and before they were read`
  )
}

/** Whoever was started since had been away. */
function startedAnew(journal: RecordedJournal, { atMs }: EventOf<'redundant'>): Defect {
  for (const { node, server } of journal.of('audit.read')) {
    if (server === undefined) continue
    const startedMs = Date.parse(server.startedAt) - journal.opened.wallStartMs
    if (startedMs > atMs + clocksApartMs)
      return `${node} says that it was started at ${moment(startedMs)}, after the databases were redundant`
  }
  return undefined
}
