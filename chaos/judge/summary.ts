/** The verdict's one sentence: the first thing that a person reads, and often the only one. */
import type { Objectives } from '../scenarios/schema.ts'
import { counted, duration } from './figures.ts'
import type { Measured } from './finding.ts'
import type { ObjectiveResult, ValidityCheck, Verdict, VerdictName } from './verdict.ts'

/**
 * A miss names the broken promise, an inconclusive verdict names the broken instrument, and a verdict that is met
 * repeats the promises.
 */
export function summarize(options: {
  verdict: VerdictName
  objectives: readonly ObjectiveResult[]
  broken: ValidityCheck | undefined
  unasked: NonNullable<Verdict['notLookedFor']>
  /** What was found and is no promise's business: `unpromised`. */
  found: readonly string[]
}): string {
  const { verdict, objectives, broken, unasked, found } = options
  const decisive = objectives.find((result) => result.verdict === verdict)
  const doubt = broken === undefined ? '' : `${broken.name}: ${broken.detail}`
  if (verdict === 'missed')
    return `${decisive?.message ?? 'missed'}${doubt === '' ? '' : ` (the trial is also not valid: ${doubt})`}`
  if (verdict === 'inconclusive') {
    if (doubt !== '') return `inconclusive, ${doubt}`
    return decisive?.message ?? 'inconclusive: the scenario sets no objective'
  }
  const kept = objectives.map((result) => result.message.slice(result.message.indexOf('": ') + 3))
  const open = unasked.map(({ what, why }) => `not looked for: ${what} (${why})`)
  return `met: ${[...kept, ...found.map((words) => `no promise is about it, but ${words}`), ...open].join('; ')}`
}

/** What a scenario that promises less than it could would hide: writes that are lost, and two primaries. */
export function unpromised(asked: Objectives, { losses, primaries }: Measured): string[] {
  const lost = asked.lostWrites === undefined ? losses.surelyLost : 0
  const isSplit = asked.onePrimary !== true && !primaries.multiPrimary && primaries.overlaps.length > 0
  return [
    ...(lost > 0 ? [`${counted(lost, 'acknowledged write')} ${lost === 1 ? 'is' : 'are'} lost`] : []),
    ...(isSplit
      ? [`two databases committed writes at once for ${duration(Math.ceil(primaries.dualWritableMs ?? 0))}`]
      : []),
  ]
}
