/** list and show: scenarios and runs, without running anything. */
import { join } from 'node:path'
import { readFileSync } from 'node:fs'
import { scenarios } from '../scenarios/index.ts'
import type { FaultSpec, Objectives, Scenario, Target } from '../scenarios/schema.ts'
import { verdictSchema, type Verdict } from '../judge/verdict.ts'
import { renderVerdict } from '../report/terminal.ts'
import { catalogue } from '../faults/catalogue.ts'
import { findRun, listRuns, readVerdictFile, runsFolder } from '../run/folder.ts'
import { colour, data, width } from './output.ts'

export function listAll(asJson: boolean): void {
  const runs = listRuns().map((name) => ({ name, verdict: verdictOf(join(runsFolder(), name)) }))
  if (asJson) {
    data(JSON.stringify({
      scenarios: scenarios.map(({ name, title, tags }) => ({ name, title, tags })),
      runs: runs.map(({ name, verdict }) => ({ name, verdict: verdict?.verdict ?? null, recoveredInMs: verdict?.recoveredInMs ?? null, lostWrites: verdict?.lostWrites ?? null })),
    }, null, 2))
    return
  }
  const wide = Math.max(...scenarios.map(({ name }) => name.length))
  data('scenarios')
  for (const { name, title } of scenarios) data(`  ${name.padEnd(wide)}  ${title}`)
  data(runs.length === 0 ? 'no runs yet' : 'runs, the newest last')
  for (const { name, verdict } of runs.slice(-20)) data(`  ${name}  ${verdict ? `${verdict.verdict}${verdict.recoveredInMs === null ? '' : `, recovered in ${(verdict.recoveredInMs / 1000).toFixed(1)} s`}` : 'not judged'}`)
}

function verdictOf(folder: string): Verdict | undefined {
  const parsed = verdictSchema.safeParse(readVerdictFile(folder))
  return parsed.success ? parsed.data : undefined
}

/** A run's verdict as it was judged. */
export function runRow(name: string, asJson: boolean): string {
  const folder = findRun(name)
  if (asJson) return readFileSync(join(folder, 'verdict.json'), 'utf8')
  const verdict = verdictOf(folder)
  return verdict ? renderVerdict(verdict, { colour: colour && process.stdout.isTTY === true, width: width(), reportPath: join(folder, 'report.html') }) : `${folder} holds no verdict: "npx blackstart judge ${name}" makes one`
}

/** The resolved time line of a scenario, to read. */
export function describeScenario(scenario: Scenario): string {
  const { load, objectives } = scenario
  return [
    `${scenario.name}: ${scenario.title}`,
    '',
    `  ${at(-scenario.steadyMs)}  load: ${load.ratePerSecond} requests/s, ${Math.round(load.writeShare * 100)} % writes, clients give up after ${load.timeoutMs / 1000} s`,
    ...scenario.faults.flatMap(timeOf).toSorted((a, b) => a.atMs - b.atMs).map(({ atMs, text }) => `  ${at(atMs)}  ${text}`),
    `  ${at(scenario.observeMs)}  load ends; every database is read in full`,
    '',
    ...describeObjectives(objectives),
  ].join('\n')
}

function timeOf(fault: FaultSpec): { atMs: number; text: string }[] {
  const target = targetWords(fault.target)
  return [
    { atMs: fault.atMs, text: `${fault.kind} ${target}: ${catalogue[fault.kind].models}` },
    { atMs: fault.atMs + fault.forMs, text: `heal ${target}` },
  ]
}

function targetWords(target: Target): string {
  if (target.scope === 'nothing') return 'nothing'
  if (target.scope === 'link') return `the link ${target.sites.join('-')}`
  return target.name === 'primary' ? (target.scope === 'node' ? 'the primary' : `the primary's ${target.scope}`) : `${target.scope} ${target.name}`
}

function describeObjectives(objectives: Objectives): string[] {
  const { window } = objectives
  return [
    ...(objectives.recoverWithinMs === undefined ? [] : [`  recovered within ${objectives.recoverWithinMs / 1000} s: from then on ${window.successShare * 100} % of requests succeed, 99 % of them within ${window.p99Ms} ms`]),
    ...(objectives.lostWrites === undefined ? [] : [`  acknowledged writes lost: at most ${objectives.lostWrites}`]),
    ...(objectives.onePrimary ? ['  never two databases accept writes at once'] : []),
    ...(objectives.failedRequests === undefined ? [] : [`  failed requests: at most ${objectives.failedRequests}`]),
    ...(objectives.slowestRequestMs === undefined ? [] : [`  slowest request: at most ${objectives.slowestRequestMs} ms`]),
  ]
}

function at(ms: number): string {
  return `${ms < 0 ? '-' : '+'}${Math.abs(ms / 1000).toFixed(1)} s`.padStart(8)
}
