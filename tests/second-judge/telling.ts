/** What answers say beyond their status: the database behind them, the accounts' versions, the client's session. */
import type { RequestEvent } from '../../chaos/journal/requests.ts'
import type { JournalEvent } from '../../chaos/journal/schema.ts'
import { databases } from '../journals/world.ts'
import type { Random } from './random.ts'

export interface PlannedTelling {
  /** The databases of acknowledged writes; `elsewhere`: some say that another one wrote them. */
  names: 'nobody' | 'the primary' | 'elsewhere' | 'not all'
  versions: 'none' | 'fresh' | 'stale' | 'not all' | 'writes only'
  accounts: number
  /** 0: answers belong to no session. */
  sessions: number
  /** Writes that say another database, relative to the load's first arrival. */
  elsewhereFromMs: number
  elsewhereMs: number
  elsewhere: string
}

export function tellingOf(random: Random, lengthMs: number): PlannedTelling {
  return {
    names: random.of(['nobody', 'the primary', 'the primary', 'elsewhere', 'elsewhere', 'not all']),
    versions: random.of(['none', 'fresh', 'fresh', 'stale', 'stale', 'stale', 'not all', 'writes only']),
    accounts: random.of([1, 2, 5, 20]),
    sessions: random.of([0, 0, 1, 3, 10]),
    elsewhereFromMs: random.between(0, lengthMs),
    elsewhereMs: random.of([random.between(0, 200), random.between(0, 3000), lengthMs]),
    elsewhere: random.of(databases),
  }
}

export function told(events: JournalEvent[], plan: PlannedTelling, random: Random): JournalEvent[] {
  const named = plan.names === 'nobody' ? events : withDatabases(events, plan, random)
  return plan.versions === 'none' ? named : withVersions(named, plan, random)
}

function eachAck(events: JournalEvent[], change: (request: RequestEvent) => RequestEvent): JournalEvent[] {
  return events.map((event) => (event.kind === 'request' && event.outcome === 'acked' ? change(event) : event))
}

function withDatabases(events: JournalEvent[], plan: PlannedTelling, random: Random): JournalEvent[] {
  const commits = events.filter((event) => event.kind === 'database.writable').filter(({ accepting }) => accepting)
  const primaryAt = (ms: number): string =>
    (commits.findLast(({ atMs, commitMs }) => (commitMs ?? atMs) <= ms) ?? commits[0])?.node ?? databases[0]
  const firstMs = events.find(({ kind }) => kind === 'load.started')?.atMs ?? 0
  return eachAck(events, (request) => {
    if (plan.names === 'not all' && random.chance(0.01)) return request
    if (request.op === 'read') return { ...request, database: `pg-${request.region ?? 'east'}-b` }
    const sinceMs = request.startedMs - firstMs - plan.elsewhereFromMs
    const isElsewhere = plan.names === 'elsewhere' && sinceMs >= 0 && sinceMs < plan.elsewhereMs && random.chance(0.4)
    return { ...request, database: isElsewhere ? plan.elsewhere : primaryAt(request.endedMs) }
  })
}

interface Change {
  version: number
  atMs: number
}

function withVersions(events: JournalEvent[], plan: PlannedTelling, random: Random): JournalEvent[] {
  const byEnd = events.filter((event) => event.kind === 'request').toSorted((a, b) => a.endedMs - b.endedMs)
  const changes = Array.from({ length: 2 * plan.accounts }, (): Change[] => [])
  const versionsOf = new Map<number, RequestEvent['versions']>()
  // Committed somewhere between its start and its answer, so answers come in another order than versions.
  const commits = byEnd
    .filter(({ op, outcome }) => op === 'write' && outcome !== 'rejected')
    .map(({ n, startedMs, endedMs }) => ({ n, atMs: random.between(startedMs, endedMs) }))
  for (const { n, atMs } of commits.toSorted((a, b) => a.atMs - b.atMs)) {
    const [from, to] = [random.whole(0, plan.accounts - 1), plan.accounts + random.whole(0, plan.accounts - 1)]
    const [one, other] = [from, to].map((account) =>
      changes[account]?.push({ version: changes[account].length + 1, atMs }),
    )
    versionsOf.set(n, [from, one ?? 0, to, other ?? 0])
  }
  const shown = (account: number, ms: number): number =>
    changes[account]?.findLast(({ atMs }) => atMs <= ms)?.version ?? 0
  return eachAck(events, (request) => {
    if (plan.versions === 'not all' && random.chance(0.01)) return request
    if (request.op === 'write') return { ...request, versions: versionsOf.get(request.n) ?? [0, 0] }
    if (plan.versions === 'writes only') return request
    const lagMs = plan.versions === 'stale' && random.chance(0.2) ? random.of([1, 20, 300, 2000]) : -20
    const session = plan.sessions === 0 ? {} : { session: random.whole(0, plan.sessions - 1) }
    // Just when an answer came back: whoever asks then need not know it.
    const ack = random.chance(0.2) ? byEnd.find(({ endedMs }) => endedMs > request.startedMs) : undefined
    const atOnce = ack !== undefined && ack.endedMs < request.startedMs + 30 && ack.endedMs <= request.endedMs
    const startedMs = atOnce ? ack.endedMs : request.startedMs
    const [told] = (atOnce && versionsOf.get(ack.n)) || []
    const account = told ?? random.whole(0, 2 * plan.accounts - 1)
    return { ...request, ...session, startedMs, versions: [account, shown(account, startedMs - lagMs)] }
  })
}
