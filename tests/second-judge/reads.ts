/** What reads showed of accounts whose newer versions had been acknowledged, or shown, before they began. */
import type { RequestEvent } from '../../chaos/journal/requests.ts'
import { failed } from './clients.ts'

export interface Reads {
  staleReads: number
  /** By how much at the worst: since the first acknowledgement that it did not show. */
  worstStaleMs: number
  staleByRegion: Record<string, { reads: number; stale: number; worstMs: number }>
  /** Those that could have been stale. */
  reads: number
  readsAgain: number
  readsBack: number
  /** Successful answers to writes, and to reads that count, that say no versions: about them nothing can be promised. */
  silent: number
}
interface Shown {
  account: number
  version: number
}

/**
 * Null where no answer to a write, or none to a read that counts, says versions. Those reads count that count for all
 * figures; what they are held against may be older or later.
 */
export function readsOf(requests: readonly RequestEvent[], population: readonly RequestEvent[]): Reads | null {
  const answered = requests.filter((request) => !failed(request))
  const telling = answered.filter(({ versions }) => versions !== undefined)
  const acks = telling
    .filter(({ op }) => op === 'write')
    .flatMap((write) => shownBy(write).map((shown) => ({ ...shown, endedMs: write.endedMs })))
  const reads = telling.filter(({ op }) => op === 'read').flatMap((read) => shownBy(read).map((of) => ({ of, read })))
  const counts = new Set(population)
  const matters = (request: RequestEvent): boolean => request.op === 'write' || counts.has(request)
  const counted = reads.filter(({ read }) => counts.has(read))
  if (acks.length === 0 || counted.length === 0) return null

  const acksOf = Map.groupBy(acks, ({ account }) => account)
  const readsOf = Map.groupBy(reads, ({ of }) => of.account)
  const compared = counted.map(({ of, read }) => {
    const before = (acksOf.get(of.account) ?? []).filter(({ endedMs }) => endedMs < read.startedMs)
    const missed = before.filter(({ version }) => version > of.version)
    const lateMs = missed.length === 0 ? null : read.startedMs - Math.min(...missed.map(({ endedMs }) => endedMs))
    return { region: read.region ?? 'none', mayBeStale: before.length > 0, lateMs }
  })
  const earlierOf = ({ of, read }: { of: Shown; read: RequestEvent }): Shown[] =>
    (readsOf.get(of.account) ?? [])
      .filter((other) => other.read.endedMs < read.startedMs && other.read.session === read.session)
      .map((other) => other.of)
  const again = counted.map((read) => ({ of: read.of, earlier: earlierOf(read) }))
  const regions = [...new Set(compared.filter(({ mayBeStale }) => mayBeStale).map(({ region }) => region))]
  const late = (of: typeof compared): number[] => of.flatMap(({ lateMs }) => lateMs ?? [])
  return {
    staleReads: late(compared).length,
    worstStaleMs: whole(Math.max(0, ...late(compared))),
    staleByRegion: Object.fromEntries(
      regions.map((name) => {
        const its = compared.filter(({ region, mayBeStale }) => mayBeStale && region === name)
        const worstMs = whole(Math.max(0, ...late(its)))
        return [name, { reads: its.length, stale: late(its).length, worstMs }]
      }),
    ),
    reads: compared.filter(({ mayBeStale }) => mayBeStale).length,
    readsAgain: again.filter(({ earlier }) => earlier.length > 0).length,
    readsBack: again.filter(({ of, earlier }) => earlier.some(({ version }) => version > of.version)).length,
    silent: answered.filter((request) => request.versions === undefined && matters(request)).length,
  }
}

/** A part of a millisecond is one; an error of binary fractions is none. */
function whole(ms: number): number {
  return ms === 0 ? 0 : Math.max(1, Math.ceil(ms - 1e-6))
}

/** A read shows one account, a write two. */
function shownBy({ versions = [] as never }: RequestEvent): Shown[] {
  const told: readonly number[] = versions
  return told.flatMap((account, i) => (i % 2 === 0 ? { account, version: told[i + 1] ?? 0 } : []))
}
