/** The verdict's one sentence: the first thing that a person reads, and often the only one. */
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
}): string {
  const { verdict, objectives, broken, unasked } = options
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
  return `met: ${[...kept, ...open].join('; ')}`
}
