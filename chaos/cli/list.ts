/** list and show: scenarios and runs, without running anything. */

import { join } from 'node:path'
import { nearest, UsageError } from '../errors.ts'
import { type Verdict, verdictSchema } from '../judge/verdict.ts'
import { palette } from '../live/colours.ts'
import { plain } from '../report/format.ts'
import { gapWords, outcomeWords } from '../report/outcome-words.ts'
import { renderVerdict } from '../report/terminal.ts'
import { findRun, listRuns, readVerdictFile, runsFolder } from '../run/folder.ts'
import { scenarios } from '../scenarios/library/index.ts'
import { describeScenario } from './describe.ts'
import { jsonText } from './outlet.ts'
import { colours, data, dataRendered, jsonData, width } from './output.ts'
import { isScenarioFile, loadScenario } from './scenario.ts'

export function listAll(asJson: boolean): void {
  const runs = listRuns().map((name) => ({ name, verdict: verdictOf(join(runsFolder(), name)) }))
  if (asJson) {
    jsonData(
      {
        scenarios: scenarios.map(({ name, title, tags }) => ({ name, title, tags })),
        runs: runs.map(({ name, verdict }) => ({
          name,
          verdict: verdict?.verdict ?? null,
          outcome: verdict?.outcome ?? null,
          recoveredInMs: verdict?.recoveredInMs ?? null,
          writeGapMs: verdict?.writeGapMs ?? null,
          lostWrites: verdict?.lostWrites ?? null,
        })),
      },
      2,
    )
    return
  }
  const wide = Math.max(...scenarios.map(({ name }) => name.length))
  data('scenarios')
  for (const { name, title } of scenarios) data(`  ${name.padEnd(wide)}  ${title}`)
  data(runs.length === 0 ? 'no runs yet' : 'runs, the newest last')
  for (const { name, verdict } of runs.slice(-20))
    data(`  ${plain(name)}  ${verdict ? runWords(verdict) : 'not judged'}`)
}

/** "met, recovered in 3.6 s, write gap 3.641 s"; "met, uninterrupted, write gap 1.628 s". */
function runWords(verdict: Verdict): string {
  const outcome = outcomeWords(verdict)
  const gap = gapWords(verdict.writeGapMs, verdict.writeGapOpen)
  return [
    verdict.verdict,
    outcome === null ? '' : verdict.outcome === 'recovered' ? `recovered in ${outcome}` : outcome,
    gap === null ? '' : `write gap ${gap}`,
  ]
    .filter((part) => part !== '')
    .join(', ')
}

function verdictOf(folder: string): Verdict | undefined {
  const parsed = verdictSchema.safeParse(readVerdictFile(folder))
  return parsed.success ? parsed.data : undefined
}

/** A run's verdict as it was judged. @throws UsageError when it was not */
function runRow(name: string, asJson: boolean): string {
  const folder = findRun(name)
  const verdict = verdictOf(folder)
  const found = asJson ? readVerdictFile(folder) : verdict
  if (!found)
    throw new UsageError(`${folder} holds no verdict that can be read: "npx blackstart judge ${name}" makes one`)
  if (!verdict || asJson) return jsonText(found, 2)
  return renderVerdict(verdict, {
    colours: process.stdout.isTTY === true ? colours : palette(false),
    width: width(),
    reportPath: join(folder, 'report.html'),
  })
}

/** A scenario's time line, or a run's verdict. Returns the exit status. */
export async function show(name: string, { files, asJson }: { files?: string[]; asJson: boolean }): Promise<number> {
  if (isScenarioFile(name) || scenarios.some((each) => each.name === name)) {
    const scenario = await loadScenario(name, { files })
    data(asJson ? jsonText(scenario, 2) : describeScenario(scenario))
    return 0
  }
  // Neither a scenario nor a run: the message should suggest both kinds.
  const near = nearest(
    name,
    scenarios.map((each) => each.name),
  )
  if (near && name !== 'last') await loadScenario(name)
  dataRendered(runRow(name, asJson))
  return 0
}
