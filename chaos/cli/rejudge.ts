/** judge --all: every run judged again, and what its verdict says otherwise. Writes nothing. */
import { join } from 'node:path'
import { EXIT, messageOf } from '../errors.ts'
import { readJournal } from '../journal/read.ts'
import { type Change, changesOf } from '../judge/changes.ts'
import { counted } from '../judge/figures.ts'
import { judge } from '../judge/judge.ts'
import { plain } from '../report/format.ts'
import { listRuns, readVerdictFile, runsFolder } from '../run/folder.ts'
import { data, jsonData, say } from './output.ts'

interface Rejudged {
  run: string
  /** Null where the run had no verdict. */
  changes: Change[] | null
  problem?: string
}

/** Ends with 0 when all could be read, whatever their verdicts are. */
export async function rejudgeAll(asJson: boolean): Promise<number> {
  const runs = listRuns()
  if (runs.length === 0) say('there are no runs yet: "npx blackstart run region-kill" makes one')
  let changed = 0
  let unread = 0
  for (const run of runs) {
    const rejudged = await rejudge(run)
    if (rejudged.problem !== undefined) unread++
    else if (rejudged.changes === null || rejudged.changes.length > 0) changed++
    if (asJson) jsonData(rejudged)
    else for (const line of wordsOf(rejudged)) data(line)
  }
  if (runs.length > 0)
    say(
      `${counted(runs.length, 'run')} judged again: ${changed} with changes${unread > 0 ? `, ${unread} could not be read` : ''}. "blackstart judge <run>" writes the new verdict`,
    )
  return unread > 0 ? EXIT.badUsage : 0
}

async function rejudge(run: string): Promise<Rejudged> {
  const folder = join(runsFolder(), run)
  try {
    const verdict = judge(await readJournal(join(folder, 'journal.ndjson')))
    const before = readVerdictFile(folder)
    return {
      run,
      changes:
        typeof before === 'object' && before !== null ? changesOf(before as Record<string, unknown>, verdict) : null,
    }
  } catch (error) {
    return { run, changes: null, problem: messageOf(error) }
  }
}

function wordsOf({ run, changes, problem }: Rejudged): string[] {
  const name = plain(run)
  if (problem !== undefined) return [`${name}: ${plain(problem)}`]
  if (changes === null) return [`${name}: had no verdict`]
  if (changes.length === 0) return [`${name}: the same`]
  return [name, ...changes.map(({ what, before, after }) => `  ${what}: ${shown(before)} → ${shown(after)}`)]
}

function shown(value: unknown): string {
  if (value === null) return 'not measured'
  if (value === undefined) return 'not checked'
  if (typeof value === 'boolean') return value ? 'holds' : 'does not hold'
  return plain(String(value))
}
