/**
 * Trials that are given twice: a run folder that was copied, or a list that names one twice. Statistics that count one
 * trial twice promise more than was measured.
 */
import type { Verdict } from './verdict.ts'

export interface DistinctTrials {
  trials: Verdict[]
  /** What was left out, a sentence each. */
  duplicates: string[]
}

/**
 * Each trial once, the first time that it comes. It is the same one if its id is, or all that was measured to the
 * millisecond. Throws where one id stands for two results: nobody knows which of them to believe.
 */
export function distinctTrials(verdicts: readonly Verdict[]): DistinctTrials {
  const byId = new Map<string, string>()
  const byContent = new Map<string, Verdict>()
  const duplicates: string[] = []
  for (const verdict of verdicts) {
    const content = contentOf(verdict)
    const known = byId.get(verdict.trialId)
    if (known !== undefined && known !== content)
      throw new Error(`two trials that differ have one id, ${verdict.trialId}: at most one of them is what it says`)
    const twin = byContent.get(content)
    if (twin === undefined) byContent.set(content, verdict)
    else duplicates.push(wordsOf(verdict, twin))
    byId.set(verdict.trialId, content)
  }
  return { trials: [...byContent.values()], duplicates }
}

/**
 * All but who it says it is. Trials in which nothing was measured can be alike: those are told apart by their start,
 * and where nobody gave them another one, by their id.
 */
function contentOf({ trialId, startedAt, ...measured }: Verdict): string {
  return JSON.stringify(measured.outcome === null ? [trialId, startedAt, measured] : measured)
}

function wordsOf({ trialId }: Verdict, twin: Verdict): string {
  return twin.trialId === trialId
    ? `trial ${trialId} is given twice, and counts once`
    : `trial ${trialId} is a copy of ${twin.trialId}, with the same content under another id: it does not count`
}
