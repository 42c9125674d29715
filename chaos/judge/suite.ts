/** suite.json: the results of a suite's trials. `null` where nothing was measured, never 0. Lengths in milliseconds. */

import { z } from 'zod'
import { EXIT } from '../errors.ts'
import { type Verdict, verdictNameSchema, verdictSchema } from './verdict.ts'

export const suiteSchemaVersion = 1

const numbers = verdictSchema.pick({
  outcome: true,
  recoveredInMs: true,
  censoredAtMs: true,
  failingMs: true,
  failedRequests: true,
  requests: true,
  lostWrites: true,
  slowestRequestMs: true,
  dualWritableMs: true,
  writeGapMs: true,
  writeGapOpen: true,
})

export const resultSchema = numbers.extend({
  scenario: z.string(),
  title: z.string(),
  /** 1 for the first trial of its scenario. */
  trial: z.number().int().positive(),
  verdict: z.enum([...verdictNameSchema.options, 'skipped']),
  /** Of a scenario that the world lacks something for: nothing was to be run. */
  doesNotApply: z.literal(true).optional(),
  /** Why, in one sentence. */
  reason: z.string(),
  /** The promises that were missed, or the checks of the trial itself that do not hold. */
  broke: z.array(z.string()),
  startedAt: z.string(),
  /** With its reset, and with the rebuild of the world where there was one. */
  tookMs: z.number(),
  /** Name of the run folder beside the suite's; null when no trial was judged. */
  run: z.string().nullable(),
})
export type SuiteResult = z.infer<typeof resultSchema>
export type ResultName = SuiteResult['verdict']

export const suiteSchema = z.object({
  schemaVersion: z.literal(suiteSchemaVersion),
  name: z.string(),
  world: z.string(),
  startedAt: z.string(),
  tookMs: z.number(),
  shard: z.object({ index: z.number().int(), of: z.number().int() }).nullable(),
  /** Trials of each scenario. */
  trials: z.number().int().positive(),
  /**
   * The status that the command ends with: 0 met, 1 missed, 2 inconclusive or a skip that is not allowed, 130
   * interrupted.
   */
  exitStatus: z.number().int(),
  /**
   * Why what stands in `notRun` was not run; null when all was. `unfinished`: still running, or the harness was killed.
   */
  stopped: z.enum(['bail', 'interrupted', 'no world', 'unfinished']).nullable(),
  /** Scenarios that may be skipped without failing the suite. */
  allowedSkips: z.array(z.string()),
  /** How long each verified reset before a trial took. */
  resetsMs: z.array(z.number()),
  /** Each time that a reset could not be proved and the world was built anew. */
  rebuilds: z.array(z.object({ before: z.string(), reason: z.string(), tookMs: z.number() })),
  results: z.array(resultSchema),
  notRun: z.array(z.object({ scenario: z.string(), trial: z.number().int().positive() })),
})
export type Suite = z.infer<typeof suiteSchema>

/**
 * A result with the verdict that it was taken from, for renderings that tell more; without one when no trial was
 * judged.
 */
export interface Told {
  result: SuiteResult
  verdict?: Verdict | undefined
}

type Common = Pick<SuiteResult, 'scenario' | 'title' | 'trial' | 'startedAt' | 'tookMs'>

/** What a judged trial adds to the suite. */
export function judgedResult(common: Common, verdict: Verdict, run: string): SuiteResult {
  const {
    outcome,
    recoveredInMs,
    censoredAtMs,
    failingMs,
    failedRequests,
    requests,
    lostWrites,
    slowestRequestMs,
    dualWritableMs,
    writeGapMs,
    writeGapOpen,
  } = verdict
  return {
    ...common,
    verdict: verdict.verdict,
    reason: verdict.summary,
    broke: brokenBy(verdict),
    run,
    outcome,
    recoveredInMs,
    censoredAtMs,
    failingMs,
    failedRequests,
    requests,
    lostWrites,
    slowestRequestMs,
    dualWritableMs,
    writeGapMs,
    writeGapOpen,
  }
}

/** What a trial that came to no verdict adds to the suite: nothing was measured. */
export function unjudgedResult(common: Common, verdict: 'inconclusive' | 'skipped', reason: string): SuiteResult {
  return {
    ...common,
    verdict,
    reason,
    broke: [],
    run: null,
    outcome: null,
    recoveredInMs: null,
    censoredAtMs: null,
    failingMs: null,
    failedRequests: null,
    requests: null,
    lostWrites: null,
    slowestRequestMs: null,
    dualWritableMs: null,
    writeGapMs: null,
    writeGapOpen: false,
  }
}

/** What a scenario adds that does not apply to the world: it is told, and fails nothing. */
export function inapplicableResult(
  { name, title }: { name: string; title: string },
  { startedAt, reason }: { startedAt: Date; reason: string },
): SuiteResult {
  const common = { scenario: name, title, trial: 1, startedAt: startedAt.toISOString(), tookMs: 0 }
  return { ...unjudgedResult(common, 'skipped', reason), doesNotApply: true }
}

function brokenBy(verdict: Verdict): string[] {
  if (verdict.verdict === 'met') return []
  if (verdict.verdict === 'missed')
    return verdict.objectives
      .filter((objective) => objective.verdict === 'missed')
      .map((objective) => objective.promise)
  return verdict.validity.filter((check) => !check.holds).map((check) => check.name)
}

/** Whether this result makes the suite fail by having been skipped. */
export function isForbiddenSkip(result: SuiteResult, allowedSkips: readonly string[]): boolean {
  return result.verdict === 'skipped' && !result.doesNotApply && !allowedSkips.includes(result.scenario)
}

/**
 * The exit status of a suite: 130 interrupted, 1 something missed, 2 something inconclusive, skipped without permission
 * or not run, or nothing judged at all; 0 otherwise.
 */
export function exitStatusOf({
  results,
  allowedSkips,
  stopped,
}: Pick<Suite, 'results' | 'allowedSkips' | 'stopped'>): number {
  if (stopped === 'interrupted') return EXIT.interrupted
  if (results.some((result) => result.verdict === 'missed')) return EXIT.missed
  const unsure = results.some((result) => result.verdict === 'inconclusive' || isForbiddenSkip(result, allowedSkips))
  // Nothing measured is never green, whatever may be skipped.
  const isJudged = results.some((result) => result.verdict !== 'skipped')
  return unsure || !isJudged || stopped !== null ? EXIT.inconclusive : EXIT.met
}
