/** list and show: scenarios and runs, without running anything. */

import { join } from 'node:path'
import { nearest, UsageError } from '../errors.ts'
import { type Verdict, verdictSchema } from '../judge/verdict.ts'
import { palette } from '../live/colours.ts'
import { duration, plain } from '../report/format.ts'
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
          recoveredInMs: verdict?.recoveredInMs ?? null,
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
    data(
      `  ${plain(name)}  ${verdict ? `${verdict.verdict}${verdict.recoveredInMs === null ? '' : `, recovered in ${duration(verdict.recoveredInMs)}`}` : 'not judged'}`,
    )
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
