/** Writes into a run's folder what is made from its journal. */
import { basename, join } from 'node:path'
import { messageOf } from '../errors.ts'
import { fileProblem, replaceFile } from '../files.ts'
import { readJournal } from '../journal/read.ts'
import { judge } from '../judge/judge.ts'
import type { Verdict } from '../judge/verdict.ts'
import { renderReport } from '../report/html.ts'
import { renderJunit } from '../report/junit.ts'
import { renderSummary } from '../report/markdown.ts'

export interface Readings {
  verdict: Verdict
  /**
   * Which files could not be written, and why. The verdict stands without them: it is a reading of the journal, not of
   * its folder.
   */
  unwritten?: { names: string[]; message: string }
}

/**
 * Judges the journal in a run's folder, and writes what follows from it beside it: verdict, environment, summary, JUnit,
 * report. Needs no Docker.
 */
export async function writeReadings(folder: string): Promise<Readings> {
  const journal = await readJournal(join(folder, 'journal.ndjson'))
  const verdict = judge(journal)
  const { versions, host, harness, seed, topology } = journal.opened
  const environment = { versions, host, harness, seed, world: topology.world, timeouts: topology.timeouts }
  const files: [string, string][] = [
    ['verdict.json', `${JSON.stringify(verdict, null, 2)}\n`],
    ['environment.json', `${JSON.stringify(environment, null, 2)}\n`],
    ['summary.md', renderSummary(verdict)],
    ['junit.xml', renderJunit([verdict])],
    ['report.html', renderReport({ journal, verdict, runFolder: basename(folder) })],
  ]
  const failed = files.flatMap(([name, text]) => {
    try {
      replaceFile(join(folder, name), text)
      return []
    } catch (error) {
      return [{ name, why: fileProblem(error) ?? messageOf(error) }]
    }
  })
  const [first] = failed
  if (!first) return { verdict }
  const names = failed.map(({ name }) => name)
  return { verdict, unwritten: { names, message: `${names.join(', ')} could not be written: ${first.why}` } }
}
