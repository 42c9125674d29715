/** Where two judges of one journal differ. Moments and lengths are compared as they are shown: in whole milliseconds. */
import type { RecordedJournal } from '../../chaos/journal/recorded.ts'
import type { Verdict } from '../../chaos/judge/verdict.ts'
import type { Clients, Opinion } from './judge.ts'
import { type Kept, keptOf } from './objectives.ts'
import { phasesOf } from './phases.ts'

export interface Difference {
  field: string
  first: unknown
  second: unknown
}

export function differences(journal: RecordedJournal, verdict: Verdict, opinion: Opinion): Difference[] {
  return [
    ...figures(verdict, opinion),
    ...recovery(verdict, opinion),
    ...moments(verdict, opinion),
    ...phases(verdict, opinion),
    ...promises(journal, verdict, opinion),
  ]
}

/** A part of a millisecond is not none; an error of binary fractions is. */
const roundedUp = (ms: number | null | undefined): number | null =>
  ms === null || ms === undefined ? null : Math.ceil(Math.max(0, ms - 1e-6))
const whole = (ms: number | null | undefined): number | null =>
  ms === null || ms === undefined ? null : Math.round(ms)

function figures(verdict: Verdict, opinion: Opinion): Difference[] {
  const { clients, storage, t0Ms } = opinion
  const since = (ms: number | null | undefined): number | null =>
    ms === null || ms === undefined || t0Ms === null ? null : Math.round(ms) - Math.round(t0Ms)
  const pairs: Record<string, [first: unknown, second: unknown]> = {
    requests: [verdict.requests, clients?.requests],
    failedRequests: [verdict.failedRequests, clients?.failedRequests],
    failingMs: [verdict.failingMs, roundedUp(clients?.failingMs)],
    slowestRequestMs: [verdict.slowestRequestMs, whole(clients?.slowestRequestMs)],
    timeToFirstSuccessMs: [verdict.timeToFirstSuccessMs, since(clients?.firstSuccessMs)],
    writes: [verdict.writes, clients?.writes],
    failedWrites: [verdict.failedWrites, clients?.failedWrites],
    writeP99Ms: [verdict.writeP99Ms, whole(clients?.writeP99Ms)],
    blastRadius: [sorted(verdict.blastRadius), sorted(clients?.blastRadius ?? {})],
    ackedWrites: [verdict.ackedWrites, opinion.ackedWrites],
    rejectedWrites: [verdict.rejectedWrites, opinion.rejectedWrites],
    unknownWrites: [verdict.unknownWrites, opinion.unknownWrites],
    lostWrites: [verdict.lostWrites, storage?.lostWrites],
    resurrectedWrites: [verdict.resurrectedWrites, storage?.resurrectedWrites],
    unknownStoredWrites: [verdict.unknownStoredWrites, storage?.unknownStoredWrites],
    duplicatedWrites: [verdict.duplicatedWrites, storage?.duplicatedWrites],
    divergentWrites: [verdict.divergentWrites, storage?.divergentWrites],
    dualWritableMs: [verdict.dualWritableMs, roundedUp(opinion.dualWritableMs)],
    staleReads: [verdict.staleReads, opinion.reads?.staleReads],
    worstStaleMs: [verdict.worstStaleMs, opinion.reads?.worstStaleMs],
    staleByRegion: [
      verdict.staleByRegion && sorted(verdict.staleByRegion),
      opinion.reads && sorted(opinion.reads.staleByRegion),
    ],
    readsAgain: [verdict.readsAgain, opinion.reads?.readsAgain],
    readsBack: [verdict.readsBack, opinion.reads?.readsBack],
    primaryKept: [verdict.primaryKept, opinion.tenure?.kept],
    takeOvers: [takeOvers(verdict), opinion.tenure?.takeOvers.join(', ')],
    dcsElections: [elections(verdict), opinion.elections?.most == null ? null : JSON.stringify(opinion.elections)],
    ...gaps(verdict, clients),
  }
  const broken = verdict.validity.some(({ holds }) => !holds)
  return (
    Object.entries(pairs)
      .map(([field, [first, second]]) => ({ field, first: first ?? null, second: second ?? null }))
      .filter(({ first, second }) => !isSame(first, second))
      // A judge who refuses the journal may give no figure; what it gives must be right.
      .filter(
        ({ first, second }) =>
          !(broken && [first, second].some((figure) => figure === null || figure === '{}' || figure === false)),
      )
  )
}

function elections({ dcsElections }: Verdict): string | null {
  return dcsElections && JSON.stringify({ proved: dcsElections.atLeast, most: dcsElections.atMost })
}

function takeOvers({ primaryKept, takeOvers }: Verdict): string | null {
  const told = takeOvers.map(({ node, atMs }) => `${node} at ${atMs}`)
  return primaryKept === null ? null : [...new Set(told)].sort().join(', ')
}

/** Fields that older verdicts do not have are not compared. */
function gaps(verdict: Partial<Record<string, unknown>>, clients: Clients | null): Record<string, [unknown, unknown]> {
  const byRegion = Object.entries(clients?.gapsByRegion ?? {}).map(([region, { write, read }]): [string, unknown] => [
    region,
    { writeGapMs: whole(write?.ms), readGapMs: whole(read?.ms) },
  ])
  const second: Record<string, unknown> = {
    writeGapMs: whole(clients?.writeGap?.ms),
    writeGapFromMs: whole(clients?.writeGap?.fromMs),
    writeGapOpen: clients?.writeGap?.open ?? false,
    readGapMs: whole(clients?.readGap?.ms),
    readGapFromMs: whole(clients?.readGap?.fromMs),
    readGapOpen: clients?.readGap?.open ?? false,
    gapsByRegion: sorted(Object.fromEntries(byRegion)),
    stalledMs: roundedUp(clients?.stalledMs),
  }
  const first = (field: string): unknown => (field === 'gapsByRegion' ? sorted(verdict[field] ?? {}) : verdict[field])
  const given = Object.keys(second).filter((field) => field in verdict)
  return Object.fromEntries(given.map((field) => [field, [first(field), second[field]]]))
}

function recovery(verdict: Verdict, { clients, t0Ms }: Opinion): Difference[] {
  const broken = verdict.validity.some(({ holds }) => !holds)
  if (broken && (verdict.outcome === null || clients === null)) return []
  if (clients === null || t0Ms === null) return differs('outcome', verdict.outcome, null)
  if (verdict.outcome === null) return differs('outcome', null, clients.recovery.outcome)
  const mine = clients.recovery
  if (mine.outcome !== 'outage') return differs('outcome', verdict.outcome, mine.outcome)
  const outcomes = { no: ['recovered'], perhaps: ['recovered', 'censored'], surely: ['censored'] }[mine.censored]
  if (!outcomes.includes(verdict.outcome)) return differs('outcome', verdict.outcome, outcomes.join(' or '))
  const actual = verdict.recoveredInMs
  if (actual === null) return []
  const [low, high] = [mine.earliestMs, mine.latestMs].map((ms) => Math.round(ms) - Math.round(t0Ms)) as [
    number,
    number,
  ]
  return actual < low || actual > high ? differs('recoveredInMs', actual, low === high ? low : `${low} to ${high}`) : []
}

function moments(verdict: Verdict, opinion: Opinion): Difference[] {
  return Object.entries(opinion.moments ?? {}).flatMap(([field, second]) =>
    differs(field, verdict.moments[field as keyof Verdict['moments']], whole(second)),
  )
}

/** Where the components' story is plain. That of recovery itself is compared above. */
function phases(verdict: Verdict, { moments, phasesFromMs }: Opinion): Difference[] {
  if (moments === null || phasesFromMs === null) return []
  // A judge who refuses the journal may give no figure.
  if (verdict.phasesFromMs === null && verdict.validity.some(({ holds }) => !holds)) return []
  const mine = phasesOf(phasesFromMs, moments, verdict.moments.recoveredMs)
  return [
    ...differs('phasesFromMs', verdict.phasesFromMs, whole(phasesFromMs)),
    ...Object.entries(mine).flatMap(([name, ms]) =>
      differs(`phasesMs.${name}`, verdict.phasesMs[name as keyof typeof mine], ms),
    ),
  ]
}

function promises(journal: RecordedJournal, verdict: Verdict, opinion: Opinion): Difference[] {
  const kept = keptOf(journal.opened.scenario.objectives, opinion)
  const broken = verdict.validity.some(({ holds }) => !holds)
  const said = (name: string): string | undefined => verdict.objectives.find((result) => result.name === name)?.verdict
  const each = Object.entries(kept).flatMap(([name, isKept]) => {
    // Nobody can say: then it is not met. When a thin outage ended, the first judge may know more closely.
    if (isKept === null)
      return said(name) === 'met' && !name.startsWith('recover-') ? differs(name, 'met', 'not met') : []
    const expected = isKept ? 'met' : 'missed'
    return said(name) === expected || (broken && said(name) === 'inconclusive')
      ? []
      : differs(name, said(name), expected)
  })
  return [...each, ...overall(verdict, { kept, broken, doubts: opinion.doubts })]
}

/** The worst of all promises; and whatever else is wrong, a trial with a doubt or a broken promise is not met. */
function overall(
  { verdict }: Verdict,
  { kept, broken, doubts }: { kept: Kept; broken: boolean; doubts: readonly string[] },
): Difference[] {
  const missed = Object.keys(kept).filter((name) => kept[name] === false)
  const why = [...doubts, ...missed].join('; ')
  if (verdict === 'met') return why === '' ? [] : differs('verdict', verdict, why)
  const promises = Object.values(kept)
  if (broken || promises.length === 0 || promises.includes(null)) return []
  return differs('verdict', verdict, missed.length > 0 ? 'missed' : 'met')
}

function differs(field: string, first: unknown, second: unknown): Difference[] {
  return isSame(first, second) ? [] : [{ field, first, second }]
}

function isSame(a: unknown, b: unknown): boolean {
  return Object.is(a, b) || String(a) === String(b)
}

function sorted(regions: object): string {
  return JSON.stringify(Object.fromEntries(Object.entries(regions).sort(([a], [b]) => (a < b ? -1 : 1))))
}
