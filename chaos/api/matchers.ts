/**
 * Promises as vitest matchers, for chaos suites: `import 'blackstart/vitest'`, then
 * `expect(verdict).toRecoverWithin('3s')`. A failure names the broken promise and the evidence. An inconclusive verdict
 * fails every matcher, and its negation too: what was not measured was neither kept nor broken.
 */

import type { MatcherState } from 'vitest'
import { duration, moment } from '../judge/figures.ts'
import type { ObjectiveResult, ValidityCheck, Verdict } from '../judge/verdict.ts'
import { servedWords } from '../report/outcome-words.ts'
import { expect } from './vitest-package.ts'

interface Outcome {
  pass: boolean
  message: () => string
  actual?: unknown
  expected?: unknown
}

const unitsMs: Record<string, number> = { ms: 1, s: 1000, min: 60_000 }

/** '30s', '1.5 s', '500ms', '2min' or milliseconds → milliseconds. Throws on anything else. */
export function parseDuration(limit: string | number): number {
  if (typeof limit === 'number') return limit
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|min)$/.exec(limit.trim())
  const unitMs = unitsMs[match?.[2] ?? '']
  if (match === null || unitMs === undefined)
    throw new TypeError(`"${limit}" is no duration: write '500ms', '30s' or '2min', or a number of milliseconds`)
  return Number(match[1]) * unitMs
}

/** Why this verdict proves nothing. A scenario without objectives is fine here: the matchers state them. */
function doubt(verdict: Verdict): string | undefined {
  const broken = verdict.validity.find((check) => !check.holds)
  if (broken !== undefined) return `${broken.name}: ${broken.detail}`
  return verdict.objectives.find((result) => result.verdict === 'inconclusive')?.message
}

/** `kept` is null when it was not measured. `stands` marks a breach that counts even if an instrument was broken. */
function promise(
  state: MatcherState,
  verdict: Verdict,
  options: { promise: string; kept: boolean | null; evidence: string; stands?: boolean },
): Outcome {
  const reason = options.kept === null ? `not measured: ${options.evidence}` : doubt(verdict)
  const breached = options.kept === false && options.stands === true
  if (reason !== undefined && !breached) {
    return {
      pass: state.isNot,
      message: () =>
        `inconclusive "${options.promise}": ${doubt(verdict) ?? reason} (trial ${verdict.trialId} of ${verdict.scenario})`,
    }
  }
  const said = options.kept === true ? 'kept' : 'missed'
  return {
    pass: options.kept === true,
    message: () =>
      `${said} "${options.promise}": ${options.evidence} (trial ${verdict.trialId} of ${verdict.scenario})`,
  }
}

function evidenceOf(verdict: Verdict, name: ObjectiveResult['name'], otherwise: string): string {
  const message = verdict.objectives.find((result) => result.name === name)?.message
  return message === undefined ? otherwise : message.slice(message.indexOf('": ') + 3)
}

function toRecoverWithin(this: MatcherState, verdict: Verdict, limit: string | number): Outcome {
  const limitMs = parseDuration(limit)
  const { outcome, recoveredInMs, censoredAtMs } = verdict
  const served = outcome === 'uninterrupted' || outcome === 'some-failed'
  const evidence = served
    ? servedWords(verdict)
    : outcome === 'recovered'
      ? `recovered in ${duration(recoveredInMs ?? 0)}`
      : outcome === 'censored'
        ? `not recovered in the ${duration(censoredAtMs ?? 0)} that were observed after the fault`
        : 'there was no fault, or no request'
  const kept = outcome === null ? null : served || (recoveredInMs !== null && recoveredInMs <= limitMs)
  return promise(this, verdict, { promise: `clients are served again within ${duration(limitMs)}`, kept, evidence })
}

function toLoseNoAckedWrites(this: MatcherState, verdict: Verdict): Outcome {
  const { lostWrites, lostWriteSamples, ackedWrites } = verdict
  // Absences that were seen count even where not every database could be read, and the total is unknown.
  const seen = lostWriteSamples.length > 0
  const kept = seen ? false : lostWrites === null ? null : lostWrites === 0
  const list = lostWriteSamples
    .slice(0, 3)
    .map(({ n, absentFrom }) => `n ${n} absent from ${absentFrom.join(', ')}`)
    .join('; ')
  const evidence = seen
    ? evidenceOf(verdict, 'lost-writes', `${lostWrites ?? 'some'} of ${ackedWrites} acked writes are lost: ${list}`)
    : lostWrites === null
      ? 'not every database was read after catch-up'
      : `all ${ackedWrites} acked writes are on every database`
  return promise(this, verdict, { promise: 'no acknowledged write is lost', kept, evidence, stands: true })
}

function toHaveExactlyOnePrimary(this: MatcherState, verdict: Verdict): Outcome {
  const { dualWritableMs, dualWritable } = verdict
  const kept = dualWritableMs === null ? null : dualWritableMs === 0
  const nodes = [...new Set(dualWritable.flatMap((overlap) => overlap.nodes))].join(' and ')
  const evidence =
    kept === null
      ? 'not every database was asked whether it commits'
      : kept
        ? 'at most one database committed at any time'
        : `${nodes} both committed writes, for ${duration(dualWritableMs ?? 0)} in all`
  return promise(this, verdict, { promise: 'never two databases accept writes at once', kept, evidence, stands: true })
}

/**
 * A breach does not stand by itself: under another fault than the one asked for, a take-over may be what was to be
 * hoped for.
 */
function toKeepItsPrimary(this: MatcherState, verdict: Verdict): Outcome {
  const { primaryKept: kept, takeOvers } = verdict
  const evidence =
    kept === null
      ? 'neither the leader key nor every database was observed, or there was no primary'
      : kept
        ? 'no other database took over'
        : takeOvers.map(({ node, how, atMs, observer }) => `${node} ${how} at ${moment(atMs)} (${observer})`).join(', ')
  return promise(this, verdict, { promise: 'no other database takes over', kept, evidence })
}

function toWriteWithin(this: MatcherState, verdict: Verdict, limit: string | number): Outcome {
  const limitMs = parseDuration(limit)
  const { writes, failedWrites, writeP99Ms } = verdict
  const measured = writes !== null && writes > 0
  const evidence = !measured
    ? 'no write was scheduled after the fault'
    : writeP99Ms === null
      ? `${failedWrites} of ${writes} writes failed from the fault on, which is more than 1 in 100`
      : `of ${writes} writes from the fault on 99 of 100 succeeded within ${duration(writeP99Ms)} of their scheduled time`
  return promise(this, verdict, {
    promise: `99 of 100 writes succeed within ${duration(limitMs)}`,
    kept: measured ? writeP99Ms !== null && writeP99Ms <= limitMs : null,
    evidence,
  })
}

/** A gap that was open when the stream ended is broken when it is too long already, and unknown otherwise. */
function toAcknowledgeWritesEvery(this: MatcherState, verdict: Verdict, limit: string | number): Outcome {
  const limitMs = parseDuration(limit)
  const { writeGapMs, writeGapFromMs, writeGapOpen } = verdict
  const within = writeGapMs !== null && writeGapMs <= limitMs
  const evidence =
    writeGapMs === null
      ? 'no write was acknowledged, or there was no fault'
      : `no write was acknowledged for ${writeGapOpen ? 'at least ' : ''}${duration(writeGapMs)}, from ${moment(writeGapFromMs ?? 0)} on`
  return promise(this, verdict, {
    promise: `writes never go unacknowledged for longer than ${duration(limitMs)}`,
    kept: writeGapMs === null || (writeGapOpen && within) ? null : within,
    evidence,
  })
}

/** One that was missed although an instrument was broken stands by itself, as the judge has found. */
function toMeet(this: MatcherState, verdict: Verdict, name: ObjectiveResult['name']): Outcome {
  const found = verdict.objectives.find((result) => result.name === name)
  if (found === undefined)
    return promise(this, verdict, {
      promise: name,
      kept: null,
      evidence: `the scenario does not ask for it, only for ${verdict.objectives.map((each) => each.name).join(', ') || 'nothing'}`,
    })
  return promise(this, verdict, {
    promise: found.promise,
    kept: found.verdict === 'inconclusive' ? null : found.verdict === 'met',
    evidence: evidenceOf(verdict, name, found.message),
    stands: true,
  })
}

function toBeMet(this: MatcherState, verdict: Verdict): Outcome {
  return {
    pass: verdict.verdict === 'met',
    message: () => `${verdict.summary} (trial ${verdict.trialId} of ${verdict.scenario})`,
    actual: verdict.verdict,
    expected: 'met',
  }
}

function toBeInconclusiveBecause(this: MatcherState, verdict: Verdict, name: ValidityCheck['name']): Outcome {
  const broken = verdict.validity.filter((check) => !check.holds).map((check) => check.name)
  const first = broken[0]
  const seen =
    verdict.verdict !== 'inconclusive'
      ? `the verdict is ${verdict.verdict}`
      : first === undefined
        ? verdict.summary
        : `the first broken check is ${broken.join(', then ')}`
  return {
    pass: verdict.verdict === 'inconclusive' && first === name,
    message: () => `expected the trial ${this.isNot ? 'not ' : ''}to be inconclusive because of ${name}; ${seen}`,
  }
}

expect.extend({
  toRecoverWithin,
  toLoseNoAckedWrites,
  toHaveExactlyOnePrimary,
  toKeepItsPrimary,
  toWriteWithin,
  toAcknowledgeWritesEvery,
  toMeet,
  toBeMet,
  toBeInconclusiveBecause,
})

declare module 'vitest' {
  // The type parameters must be those of vitest, even if not all are used.
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown> {
    /**
     * Clients were served again within '30s', '500ms' or a number of milliseconds after the fault, or never
     * interrupted.
     */
    toRecoverWithin(limit: string | number): R
    /** Every write that was acknowledged is on every database after heal and catch-up. */
    toLoseNoAckedWrites(): R
    /** At no instant did two databases commit. */
    toHaveExactlyOnePrimary(): R
    /** No other database took the leader key or committed a write after the first fault. */
    toKeepItsPrimary(): R
    /**
     * 99 of 100 writes scheduled after the first fault succeeded within '800ms' or a number of milliseconds of their
     * schedule.
     */
    toWriteWithin(limit: string | number): R
    /** Between two acknowledged writes in a row never passed more than '2s' or a number of milliseconds. */
    toAcknowledgeWritesEvery(limit: string | number): R
    /** This objective of the scenario was met: `toMeet('take-overs')`. Not one that the scenario does not ask for. */
    toMeet(objective: ObjectiveResult['name']): R
    /** All objectives of the scenario are met by a valid trial. */
    toBeMet(): R
    /** The trial proves nothing, and this check is the first that was broken. */
    toBeInconclusiveBecause(check: ValidityCheck['name']): R
  }
}
