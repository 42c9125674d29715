/**
 * All lies that a journal may tell: changes to an honest one that was met, after which it must not be met. Whoever
 * finds another adds it here; docs/decisions.md, "What is refused".
 */
import { absenceLies } from './lies/absences.ts'
import { anotherLies } from './lies/another.ts'
import { dataLies } from './lies/data.ts'
import { electionLies } from './lies/elections.ts'
import { journalLies } from './lies/journal.ts'
import { labelLies } from './lies/labels.ts'
import type { Lie } from './lies/lie.ts'
import { limitLies } from './lies/limits.ts'
import { loadLies } from './lies/load.ts'
import { numberLies } from './lies/numbers.ts'
import { observerLies } from './lies/observers.ts'
import { planLies } from './lies/plan.ts'
import { primaryLies } from './lies/primaries.ts'
import { faultLies } from './lies/proof.ts'
import { readLies } from './lies/reads.ts'
import { roleWordLies } from './lies/roles.ts'
import { disguises } from './lies/strangers.ts'
import { unseenLies } from './lies/unseen.ts'
import { versionedLies } from './lies/version.ts'

export type { Lie } from './lies/lie.ts'
export const lies: readonly Lie[] = [
  ...planLies,
  ...faultLies,
  ...journalLies,
  ...primaryLies,
  ...loadLies,
  ...dataLies,
  ...readLies,
  ...anotherLies,
  ...versionedLies,
  ...limitLies,
  ...numberLies,
  ...disguises,
  ...observerLies,
  ...absenceLies,
  ...roleWordLies,
  ...labelLies,
  ...unseenLies,
  ...electionLies,
]
