/**
 * What a world cannot be asked, or what nobody asked it: no objective tells of it, so the verdict must. A promise that
 * the scenario makes all the same has its own result, which says why it was not judged.
 */
import type { RecordedJournal } from '../journal/recorded.ts'
import { nobodyLooked } from './audits.ts'
import type { Measured } from './finding.ts'
import { notConfigured } from './losses.ts'
import type { ObjectiveResult, Verdict } from './verdict.ts'

type NotLookedFor = NonNullable<Verdict['notLookedFor']>

/** Nothing in worlds of which all can be known. */
export function notLookedFor(
  journal: RecordedJournal,
  { primaries }: Pick<Measured, 'primaries'>,
  objectives: readonly ObjectiveResult[],
): NotLookedFor {
  const found: NotLookedFor = []
  const isJudged = (name: ObjectiveResult['name']) => objectives.some((result) => result.name === name)
  if (nobodyLooked(journal) && !isJudged('lost-writes')) found.push({ what: 'lost writes', why: notConfigured })
  const why = primaries.multiPrimary ? 'each database takes writes' : primaries.watch.unaskable
  if (why !== undefined && !isJudged('one-primary')) found.push({ what: 'two primaries', why })
  return found
}
