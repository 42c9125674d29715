/** The runs that there are, each with its verdict in a line. */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { VerdictName } from '../judge/verdict.ts'
import { gapWords, outcomeWords } from '../report/outcome-words.ts'
import { listRuns, readVerdict, runsFolder } from '../run/folder.ts'

export interface RunRow {
  name: string
  /** Of the verdict; of a run without one, null. */
  scenario: string | null
  startedAt: string | null
  verdict: VerdictName | null
  outcome: string | null
  writeGap: string | null
  lostWrites: number | null
  summary: string | null
  hasReport: boolean
}

/** The newest first. Verdicts are read again only where the file has changed. */
export class RunsList {
  readonly #kept = new Map<string, { changedMs: number; row: RunRow }>()

  rows(): RunRow[] {
    return listRuns()
      .toReversed()
      .map((name) => this.#row(name))
  }

  #row(name: string): RunRow {
    const folder = join(runsFolder(), name)
    const changedMs = changed(join(folder, 'verdict.json'))
    const kept = this.#kept.get(name)
    const row = kept?.changedMs === changedMs ? kept.row : rowOf(name, folder)
    this.#kept.set(name, { changedMs, row })
    return { ...row, hasReport: changed(join(folder, 'report.html')) > 0 }
  }
}

function changed(path: string): number {
  const there = statSync(path, { throwIfNoEntry: false })
  return there?.isFile() ? there.mtimeMs : 0
}

function rowOf(name: string, folder: string): RunRow {
  const verdict = readVerdict(folder)
  return {
    name,
    scenario: verdict?.scenario ?? null,
    startedAt: verdict?.startedAt ?? null,
    verdict: verdict?.verdict ?? null,
    outcome: verdict ? outcomeWords(verdict) : null,
    writeGap: verdict ? gapWords(verdict.writeGapMs, verdict.writeGapOpen) : null,
    lostWrites: verdict?.lostWrites ?? null,
    summary: verdict?.summary ?? null,
    hasReport: false,
  }
}
