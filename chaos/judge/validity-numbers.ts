/**
 * Numbers that no clock gives. What is measured differs from time to time, and from one to the other; what is copied or
 * made up does not. All of this held in 62 of 62 real trials.
 */
import type { RecordedJournal } from '../journal/recorded.ts'
import { moment } from './figures.ts'
import type { Defect } from './validity-load.ts'

/** So many are never all the same: of 83 comparisons of clocks, or samples of a host, no two were. */
const enough = 5
/** Moments of one process, of which one is rounded. */
const sameMomentMs = 1
/** Clients' times are whole milliseconds of a wall clock; sums of them are rounded at the end. */
const fractionMs = 0.01
/** What a beacon says of its pings is set to the harness's clock: never late in 54 real trials. */
const clocksApartMs = 100
/** A trial is named by when its folder was made: at most 15 ms before its clock started, in 62 real trials. */
const namedWithinMs = 10_000

export function numbersDefect(journal: RecordedJournal): Defect {
  return (
    copiedDefect(journal) ??
    stillDefect(journal) ??
    rangeDefect(journal) ??
    fractionDefect(journal) ??
    nameDefect(journal) ??
    revisionDefect(journal) ??
    termDefect(journal) ??
    snapshotDefect(journal)
  )
}

/** Two observers never have the same percentiles, to the last digit. */
function copiedDefect(journal: RecordedJournal): Defect {
  const seen = new Map<string, string>()
  for (const { observer, subject, samples, p50Ms, p95Ms, maxMs } of journal.of('observer.summary')) {
    const key = [samples, p50Ms, p95Ms, maxMs].join()
    const before = seen.get(key)
    if (samples >= enough && before !== undefined)
      return `the observers of ${before} and ${subject} report the same numbers: one of them is a copy`
    seen.set(key, `${subject}${observer === 'harness' ? ' (harness)' : ''}`)
  }
  return undefined
}

/** Nothing that is measured stands still. */
function stillDefect(journal: RecordedJournal): Defect {
  const series: [string, string[]][] = [
    [
      'comparison of the clocks',
      journal.of('load.clock').map(({ offsetMs, roundTripMs }) => `${offsetMs} ${roundTripMs}`),
    ],
    ['sample of the host', journal.of('host.sampled').map(({ idleShare, workMs }) => `${idleShare} ${workMs}`)],
  ]
  const still = series.find(([, values]) => values.length >= enough && new Set(values).size === 1)
  return still && `each ${still[0]} gave the same numbers`
}

/** Shares that are none, work in no time, fewer arrivals than none, and a ping that arrives later than it is told. */
function rangeDefect(journal: RecordedJournal): Defect {
  const host = journal.of('host.sampled').find(({ idleShare, workMs }) => idleShare < 0 || idleShare > 1 || workMs <= 0)
  if (host !== undefined) return `the sample of the host at ${moment(host.atMs)} is none that there can be`
  const ended = journal.of('load.ended').find(({ dropped, iterations }) => (dropped ?? 0) < 0 || (iterations ?? 0) < 0)
  if (ended !== undefined) return 'the load generator made or dropped fewer arrivals than none'
  const healed = journal.of('heal.acted').find(({ tookMs }) => tookMs < 0)
  if (healed !== undefined) return `a heal is told at ${moment(healed.atMs)} to have taken less than no time`
  const looked = journal.of('fault.lasted').find(({ looks }) => looks !== undefined && looks < 0)
  if (looked !== undefined)
    return `a fault is told at ${moment(looked.atMs)} to have been looked at less often than never`
  const pings = [
    ...journal
      .of('beacon.edge')
      .map(({ atMs, from, to, lastAnswerMs }) => ({ atMs, way: `${from}>${to}`, lastMs: lastAnswerMs })),
    ...journal.of('beacon.heard').map(({ atMs, from, at, lastMs }) => ({ atMs, way: `${from}>${at}`, lastMs })),
  ]
  const early = pings.find(({ atMs, lastMs }) => lastMs !== null && lastMs > atMs + clocksApartMs)
  if (early !== undefined) return `a ping ${early.way} is told at ${moment(early.atMs)}, before it arrived`
  const unended = journal.of('observer.gap').find(({ atMs, toMs }) => toMs > atMs + clocksApartMs)
  if (unended !== undefined)
    return `a silence of the ${unended.observer} observer of ${unended.subject} is told at ${moment(unended.atMs)}, before it ended`
  const untimed = journal.of('beacon.edge').find(({ up, rttMs }) => up && rttMs === null)
  return (
    untimed &&
    `pings from ${untimed.from} to ${untimed.to} are answered from ${moment(untimed.atMs)} on, in no time that is told`
  )
}

function fractionDefect({ opened, requests }: RecordedJournal): Defect {
  for (let i = 0; i < requests.length; i++) {
    for (const ms of [requests.startedMs(i), requests.endedMs(i)]) {
      const wallMs = ms + opened.wallStartMs
      if (Math.abs(wallMs - Math.round(wallMs)) > fractionMs)
        return `request ${requests.n(i)} has a time, ${moment(ms)}, that is no whole millisecond of the load generator's clock`
    }
  }
  return undefined
}

function nameDefect({ opened: { trialId, wallStartMs } }: RecordedJournal): Defect {
  if (!/^t[0-9a-z]{8}$/.test(trialId)) return undefined
  return Math.abs(Number.parseInt(trialId.slice(1), 36) - wallStartMs) > namedWithinMs
    ? `it began at another time than that by which it is called ${trialId}`
    : undefined
}

/** A member of the DCS never goes back: what it tells with an older revision would be taken for old news. */
function revisionDefect(journal: RecordedJournal): Defect {
  const latest = new Map<string, number>()
  const holders = new Map<number, string | null>()
  for (const { member, revision, atMs, leader } of journal.of('dcs.leader')) {
    if (revision < (latest.get(member) ?? revision))
      return `${member} told of an older revision of the leader key at ${moment(atMs)} than before`
    latest.set(member, revision)
    const known = holders.get(revision)
    if (known !== undefined && known !== leader)
      return `${member} told of ${leader ?? 'nobody'} as the holder of the leader key at ${moment(atMs)}, and another of ${known ?? 'nobody'}, by the same revision`
    holders.set(revision, leader)
  }
  return undefined
}

/**
 * A term only rises, that of a member and that of which a majority knows; it is told when it was heard or later, and not of
 * a time in which nothing was heard.
 */
function termDefect(journal: RecordedJournal): Defect {
  const latest = new Map<string, { term: number; heardMs: number }>()
  const silences = journal.of('observer.gap').filter(({ observer }) => observer === 'dcs')
  const all = journal.of('dcs.term')
  for (const { member, term, heardMs, atMs, confirmed } of all) {
    const before = latest.get(member)
    if (before !== undefined && (term < before.term || heardMs < before.heardMs))
      return `${member} told of an older term of the DCS at ${moment(atMs)} than before`
    const known = confirmed && all.find((other) => other.heardMs < heardMs && other.term > term)
    if (known)
      return `${member} told at ${moment(atMs)} that the term of the DCS is ${term}, and ${known.member} had told of ${known.term}`
    if (heardMs > atMs + sameMomentMs) return `${member} told its term at ${moment(atMs)}, before it was heard`
    const silence = silences.find(
      ({ subject, fromMs, toMs }) =>
        subject === member && fromMs + sameMomentMs < heardMs && heardMs < toMs - sameMomentMs,
    )
    if (silence !== undefined && confirmed !== true)
      return `${member} is said to have told its term at ${moment(heardMs)}, when its observer heard nothing`
    latest.set(member, { term, heardMs })
  }
  return undefined
}

/** A reading shows a moment before it was over. */
function snapshotDefect(journal: RecordedJournal): Defect {
  const readings = [...journal.of('audit.read'), ...journal.of('audit.invariants')]
  const late = readings.find(({ atMs, snapshotMs = atMs }) => snapshotMs > atMs)
  return late && `the reading of ${late.node} shows a moment after its end`
}
