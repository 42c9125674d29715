/**
 * A verdict's numbers in words, the same in every rendering. A null reads "not measured"; only a measured zero reads 0.
 */
import type { ObjectiveResult, Phase, Verdict, VerdictName } from '../judge/verdict.ts'
import { count, counted, duration, notMeasured, percentage } from './format.ts'
import { gapWords, outcomeWords, servedNote, wasServed } from './outcome-words.ts'

export interface KeyNumber {
  label: string
  value: string
  note: string
  measured: boolean
}

export const verdictWords: Record<VerdictName, string> = { met: 'Met', missed: 'Missed', inconclusive: 'Inconclusive' }

/** A sign beside the word, for those who skim; the word carries the meaning. */
export const verdictSigns: Record<VerdictName, string> = { met: '✓', missed: '✕', inconclusive: '?' }

export const phaseMeanings: Record<Phase['name'], string> = {
  detect: 'until the failure is noticed',
  elect: 'until a new leader holds the key',
  promote: 'until the new primary commits',
  route: 'until every router follows',
  settle: 'until clients are served again',
}

export const momentNames = [
  ['requestedMs', 'T0', 'fault requested'],
  ['firstFailureMs', 'T1', 'first failed request'],
  ['detectedMs', 'T2', 'detected'],
  ['electedMs', 'T3', 'elected'],
  ['promotedMs', 'T4', 'promoted'],
  ['routedMs', 'T5', 'routed'],
  ['recoveredMs', 'T6', 'recovered'],
  ['healedMs', 'T7', 'healed'],
  ['redundantMs', 'T8', 'redundant again'],
] as const satisfies readonly (readonly [keyof Verdict['moments'], string, string])[]

export function keyNumbers(verdict: Verdict): KeyNumber[] {
  return [
    recoveredIn(verdict),
    writeGap(verdict),
    stalled(verdict),
    failing(verdict),
    slowest(verdict),
    failed(verdict),
    lost(verdict),
    dualWritable(verdict),
    ...(verdict.staleReads === null ? [] : [stale(verdict)]),
  ]
}

/** Only where the answers say versions: others cannot tell. */
function stale({ staleReads, staleByRegion, worstStaleMs, readsBack }: Verdict): KeyNumber {
  const of = Object.values(staleByRegion ?? {}).reduce((sum, { reads }) => sum + reads, 0)
  const worst = (worstStaleMs ?? 0) > 0 ? `by ${duration(worstStaleMs ?? 0)} at most` : ''
  const back = (readsBack ?? 0) > 0 ? `${count(readsBack ?? 0)} went back` : ''
  const notes = [worst, back].filter((note) => note !== '')
  return number('stale reads', `${count(staleReads ?? 0)} of ${count(of)}`, notes.join('; '))
}

function number(label: string, value: string | null, note: string): KeyNumber {
  return value === null
    ? { label, value: notMeasured, note: '', measured: false }
    : { label, value, note, measured: true }
}

function recoveredIn(verdict: Verdict): KeyNumber {
  const note = wasServed(verdict)
    ? servedNote(verdict)
    : verdict.outcome === 'censored'
      ? 'the observation ended first'
      : `${exactness(verdict)}${strayWords(verdict)}`
  return number('recovered in', outcomeWords(verdict), note)
}

/** How exact it is, and by which calibration. */
function exactness({ phases, uncertainty, recoveryResolutionMs }: Verdict): string {
  const sampledMs = phases.find((phase) => phase.name === 'settle')?.uncertaintyMs ?? null
  const withinMs = Math.max(sampledMs ?? 0, recoveryResolutionMs ?? 0, uncertainty?.recoveredInMs ?? 0)
  if (withinMs === 0) return 'uncertainty unknown'
  if (uncertainty === null) return plusMinus(withinMs)
  const { calibration, notCited } = uncertainty
  if (notCited !== undefined) return `${plusMinus(withinMs)} (the calibration is not cited: ${notCited})`
  return calibration === null
    ? `${plusMinus(withinMs)} (not calibrated on this machine: "npx blackstart calibrate")`
    : `${plusMinus(withinMs)} (calibrated ${calibration.at.slice(0, 10)}, n ${count(calibration.n)})`
}

/** Failures after recovery, too few for another outage. */
function strayWords({ strayFailures }: Verdict): string {
  return strayFailures === null || strayFailures === 0 ? '' : `; ${counted(strayFailures, 'request')} failed after that`
}

/** As prominent as the time of recovery: a stop that no window of recovery calls bad shows here. */
function writeGap(verdict: Verdict): KeyNumber {
  const reads = gapWords(verdict.readGapMs, verdict.readGapOpen)
  const withinMs = verdict.uncertainty?.writeGapMs ?? null
  return number(
    'write gap',
    gapWords(verdict.writeGapMs, verdict.writeGapOpen),
    `${withinMs === null ? '' : `${plusMinus(withinMs)}, `}no write acknowledged${reads === null ? '' : `; reads: ${reads}`}`,
  )
}

function stalled({ stalledMs, stalledOverMs }: Verdict): KeyNumber {
  const over = stalledOverMs === null ? '' : ` longer than ${duration(stalledOverMs)}`
  return number('stalled for', stalledMs === null ? null : duration(stalledMs), `some client had waited${over}`)
}

function failing(verdict: Verdict): KeyNumber {
  const first =
    verdict.timeToFirstSuccessMs === null ? '' : `; first success after ${duration(verdict.timeToFirstSuccessMs)}`
  return number(
    'failing for',
    verdict.failingMs === null ? null : duration(verdict.failingMs),
    `all failing moments${first}`,
  )
}

function slowest(verdict: Verdict): KeyNumber {
  return number(
    'slowest request',
    verdict.slowestRequestMs === null ? null : duration(verdict.slowestRequestMs),
    'that succeeded, from its scheduled time',
  )
}

function failed(verdict: Verdict): KeyNumber {
  const { failedRequests, requests } = verdict
  if (failedRequests === null) return number('failed requests', null, '')
  const share =
    requests !== null && requests > 0 && failedRequests > 0 ? ` (${percentage(failedRequests / requests)})` : ''
  return number('failed requests', count(failedRequests), requests === null ? '' : `of ${count(requests)}${share}`)
}

function lost(verdict: Verdict): KeyNumber {
  const of = verdict.ackedWrites === null ? 'acked writes' : `of ${count(verdict.ackedWrites)} acked`
  return number('lost writes', verdict.lostWrites === null ? null : count(verdict.lostWrites), of)
}

function dualWritable(verdict: Verdict): KeyNumber {
  if (verdict.dualWritableMs === null) return number('two primaries', null, '')
  const never = verdict.dualWritableMs === 0 && verdict.dualWritable.length === 0
  return never
    ? number('two primaries', 'never', 'at most one database accepted writes')
    : number('two primaries', duration(verdict.dualWritableMs), 'two databases accepted writes at once')
}

export function plusMinus(uncertaintyMs: number): string {
  return `± ${duration(uncertaintyMs)}`
}

/** The message for places that already show the promise, its verdict, and which checks of the trial do not hold. */
export function evidenceWords({ verdict, promise, message }: ObjectiveResult, { validity }: Verdict): string {
  const front = `${verdict} "${promise}": `
  const words = message.startsWith(front) ? message.slice(front.length) : message
  const doubt = validity.find(({ name, detail, holds }) => !holds && words.startsWith(`${name}: ${detail}; `))
  return doubt ? `${doubt.name}${words.slice(`${doubt.name}: ${doubt.detail}`.length)}` : words
}

/** The summary without the verdict's name in front, for places where it stands as the headline. */
export function summaryWords({ verdict, summary }: Verdict): string {
  return summary.startsWith(`${verdict} `) ? summary.slice(verdict.length + 1) : summary
}

/** Where a scenario has the name of an included one and is another: "differs from the included region-kill: …". */
export function differenceWords({ scenario, differsFromIncluded = [] }: Verdict): string | undefined {
  if (differsFromIncluded.length === 0) return undefined
  return `differs from the included ${scenario}: ${differsFromIncluded.join('; ')}`
}

/** A phase's length; a phase that was not observed and one that was not needed have words of their own. */
export function lengthWords(phase: Phase): string {
  if (phase.lengthMs !== null) return duration(phase.lengthMs)
  return phase.flag?.startsWith('not needed') === true ? 'not needed' : notMeasured
}

/** An objective's limit as its unit demands. */
export function limitWords(objective: ObjectiveResult): string {
  const { name, limit } = objective
  if (typeof limit === 'boolean') return limit ? 'required' : 'not required'
  return isLength(name) ? duration(limit) : count(limit)
}

export function actualWords(objective: ObjectiveResult, verdict: Verdict): string {
  const { name, actual } = objective
  if (
    name === 'recover-after-heal' &&
    actual === null &&
    objective.verdict === 'met' &&
    verdict.outcome === 'recovered'
  )
    return 'before it'
  if ((name === 'recover-within' || name === 'recover-after-heal') && actual === null)
    return outcomeWords(verdict) ?? notMeasured
  if (name === 'write-p99' && actual === null && objective.verdict === 'missed') return 'more than 1 % failed'
  if (actual === null) return notMeasured
  if (typeof actual === 'boolean') return actual ? 'held' : 'broken'
  return isLength(name) ? duration(actual) : count(actual)
}

/** What was measured beside its limit: "4.684 s (limit 4 s)"; of a yes or no, that alone. */
export function measuredWords(objective: ObjectiveResult, verdict: Verdict): string {
  const actual = actualWords(objective, verdict)
  return typeof objective.limit === 'boolean' ? actual : `${actual} (limit ${limitWords(objective)})`
}

const lengths: readonly ObjectiveResult['name'][] = [
  'recover-within',
  'recover-after-heal',
  'slowest-request',
  'write-p99',
  'write-gap',
  'read-gap',
  'stalled',
  'stale-reads',
]

function isLength(name: ObjectiveResult['name']): boolean {
  return lengths.includes(name)
}

export function predictedWords(phase: Phase): string {
  if (phase.predicted === null) return 'none'
  const { lowMs, highMs } = phase.predicted
  return lowMs === highMs ? duration(lowMs) : `${duration(lowMs)} to ${duration(highMs)}`
}

/** Where the phases begin: T0, or the later fault that took the primary away. */
export function phasesZeroMs({ phasesFromMs, moments }: Verdict): number | null {
  return phasesFromMs ?? moments.requestedMs
}

/** Said where the phases do not begin at T0; else empty. */
export function phasesFromWords(verdict: Verdict): string {
  const laterMs = (phasesZeroMs(verdict) ?? 0) - (verdict.moments.requestedMs ?? 0)
  return laterMs === 0 ? '' : `counted from the fault ${duration(laterMs)} after the first`
}

/** How the measured length compares with its predicted bounds; empty when either is missing. */
export function againstPrediction(phase: Phase): '' | 'within' | 'longer than predicted' | 'shorter than predicted' {
  if (phase.predicted === null || phase.lengthMs === null) return ''
  if (phase.lengthMs > phase.predicted.highMs) return 'longer than predicted'
  if (phase.lengthMs < phase.predicted.lowMs) return 'shorter than predicted'
  return 'within'
}
