/** replay: the faults of a run again, at the same offsets, and both runs beside each other. */

import { basename, join } from 'node:path'
import { EXIT, UsageError } from '../errors.ts'
import { readJournal } from '../journal/read.ts'
import { judge } from '../judge/judge.ts'
import type { Verdict } from '../judge/verdict.ts'
import { faultTarget } from '../judge/words.ts'
import { plain } from '../report/format.ts'
import { renderSideBySide } from '../report/side-by-side.ts'
import { findRun } from '../run/folder.ts'
import { type Resolve, scenarioOf } from '../run/replay.ts'
import { exitCodes } from './exit-codes.ts'
import { colours, jsonData, say, sayRendered } from './output.ts'
import type { OpenPage } from './page-beside.ts'
import { judgedTrials } from './trials.ts'

export interface ReplayOptions {
  world: string
  resolve: Resolve
  files?: string[] | undefined
  json: boolean
  keep: boolean
  openPage: OpenPage
}

/** Returns the exit status: that of the replay's verdict. */
export async function replayCommand(
  name: string,
  { world, resolve, files, json, keep, openPage }: ReplayOptions,
): Promise<number> {
  const folder = findRun(name)
  const journal = await readJournal(join(folder, 'journal.ndjson'))
  const scenario = scenarioOf(journal, { resolve })
  if (!scenario) throw new UsageError(`the run ${basename(folder)} injected no fault, so there is nothing to replay`)
  const before = judge(journal)
  say(
    `replaying ${plain(basename(folder))}: ${scenario.faults.length === 1 ? 'one fault' : `${scenario.faults.length} faults`}, ${resolve === 'roles' ? 'on what has the same role now' : 'on the same names as then'}`,
  )
  const { seed } = journal.opened
  const [trial] = (await judgedTrials({ scenario, trials: 1, seed, world, files, json: false, keep, openPage })) ?? []
  if (trial === undefined) return EXIT.interrupted
  const { verdict, run } = trial
  warnOfOthers(journal.of('fault.requested').map(faultTarget), verdict)
  const names = [basename(folder), run] as const
  if (json) jsonData({ original: { run: names[0], verdict: before }, replay: { run: names[1], verdict } })
  sayRendered(
    `first   ${plain(names[0])}\nsecond  ${plain(names[1])}\n\n${renderSideBySide([before, verdict], { colours, names: ['first', 'second'] })}`,
  )
  return exitCodes[verdict.verdict]
}

/** Another node may have the same role now. */
function warnOfOthers(before: readonly string[], { faults }: Verdict): void {
  const others = faults.flatMap(({ target }, index) =>
    before[index] !== undefined && before[index] !== target ? [`${before[index]} then, ${target} now`] : [],
  )
  if (others.length > 0)
    say(`other nodes had these roles: ${plain(others.join('; '))} ("--resolve names" breaks the same ones again)`)
}
