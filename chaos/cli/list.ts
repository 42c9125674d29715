/** list and show: scenarios and runs, without running anything. */

import { join } from 'node:path'
import { messageOf, nearest, UsageError } from '../errors.ts'
import type { Verdict } from '../judge/verdict.ts'
import { palette } from '../live/colours.ts'
import { plain } from '../report/format.ts'
import { gapWords, outcomeWords } from '../report/outcome-words.ts'
import { renderVerdict } from '../report/terminal.ts'
import { wrapped } from '../report/text.ts'
import { findRun, listRuns, readVerdict, readVerdictFile, runsFolder } from '../run/folder.ts'
import { byApplicability } from '../scenarios/applies.ts'
import { incidentOf } from '../scenarios/incidents/index.ts'
import { scenarios } from '../scenarios/library/index.ts'
import { type PlannedWorld, plannedWorld } from '../world/planned.ts'
import { readSettings } from '../world/settings.ts'
import { describeScenario } from './describe.ts'
import { storyOf } from './incidents.ts'
import { readyEngine } from './machine.ts'
import { jsonText } from './outlet.ts'
import { colours, data, dataRendered, jsonData, say, width } from './output.ts'
import { isScenarioFile, loadScenario } from './scenario.ts'

interface ListOptions {
  /** A world by name, whose files need not be known here. */
  world?: string | undefined
  files?: string[] | undefined
  asJson: boolean
}

/** Where scenarios would run; undefined where that cannot be told, which is said. */
async function destination({ world, files }: ListOptions): Promise<PlannedWorld | undefined> {
  if (world !== undefined && files === undefined && readSettings(world) === undefined)
    return { topology: await (await readyEngine('engine')).topology(world), of: `the world ${world}` }
  try {
    return await plannedWorld(world ?? 'blackstart', files)
  } catch (error) {
    // Whoever names files or a world wants to know of these; all others still see what there is.
    if (world !== undefined || files !== undefined) throw error
    say(`which scenarios apply is not known: ${messageOf(error)}`)
    return undefined
  }
}

export async function listAll(options: ListOptions): Promise<void> {
  const { asJson } = options
  const where = await destination(options)
  const reasons = where && byApplicability(scenarios, where.topology).others
  const runs = listRuns().map((name) => ({ name, verdict: readVerdict(join(runsFolder(), name)) }))
  if (asJson) {
    jsonData(
      {
        world: where?.of ?? null,
        scenarios: scenarios.map(({ name, title, tags }) => ({
          name,
          title,
          tags,
          applies: reasons ? !reasons.has(name) : null,
          ...(reasons?.has(name) && { reason: reasons.get(name) }),
        })),
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
  for (const line of scenarioLines(where?.of, reasons)) data(line)
  data(runs.length === 0 ? 'no runs yet' : 'runs, the newest last')
  for (const { name, verdict } of runs.slice(-20))
    data(`  ${plain(name)}  ${verdict ? runWords(verdict) : 'not judged'}`)
}

function scenarioLines(of: string | undefined, reasons: ReadonlyMap<string, string> = new Map()): string[] {
  const wide = Math.max(...scenarios.map(({ name }) => name.length))
  const row = (name: string, text: string): string[] =>
    (process.stdout.isTTY ? wrapped(plain(text), Math.max(30, width() - wide - 4)) : [plain(text)]).map(
      (line, index) => `  ${(index === 0 ? name : '').padEnd(wide)}  ${line}`,
    )
  const apply = scenarios.filter(({ name }) => !reasons.has(name))
  return [
    of === undefined ? 'scenarios' : `scenarios that apply to ${of}`,
    ...apply.flatMap(({ name, title }) => row(name, title)),
    ...(reasons.size === 0 ? [] : [`scenarios that do not apply, and why`]),
    ...[...reasons].flatMap(([name, reason]) => row(name, reason)),
  ]
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

/** A run's verdict as it was judged. @throws UsageError when it was not */
function runRow(name: string, asJson: boolean): string {
  const folder = findRun(name)
  const verdict = readVerdict(folder)
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
    const incident = incidentOf(scenario)
    const story = incident === undefined ? [] : storyOf(incident)
    data(asJson ? jsonText(scenario, 2) : [describeScenario(scenario), ...story].join('\n'))
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
