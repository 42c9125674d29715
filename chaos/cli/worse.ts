/** run --worse: outages in the worlds that let them happen, one after the other, and whether their damage came out. */
import { join } from 'node:path'
import { EXIT, UsageError } from '../errors.ts'
import { measuredAsMissed } from '../judge/objectives.ts'
import type { ObjectiveResult, Verdict } from '../judge/verdict.ts'
import { measuredWords } from '../report/wording.ts'
import { packageRoot } from '../roots.ts'
import { type Incident, incidentNamed, incidentOf } from '../scenarios/incidents/index.ts'
import type { Objectives } from '../scenarios/schema.ts'
import { shardOf } from '../scenarios/select.ts'
import { filesGiven } from '../world/settings.ts'
import { type ChoiceOptions, choose } from './choice.ts'
import { hanging } from './describe.ts'
import { endInterrupts } from './interrupt.ts'
import { jsonData, say, width } from './output.ts'
import type { TrialsOptions } from './trials.ts'

/** As far as a trial tells. The host may have had a part in what it had no room for. */
export type Damage = 'came out' | 'came out, on a host without room' | 'did not come out' | 'nobody can say'

/**
 * What `names`, a suite or tags choose, as far as it is outages.
 * @throws UsageError where none is meant
 */
export async function chosenIncidents(names: string[], options: ChoiceOptions): Promise<readonly Incident[]> {
  const { suite, tag, bail, allowSkip = [] } = options
  if (names.length === 0 && suite === undefined && tag === undefined)
    throw new UsageError('--worse of which outage? Name one, or all of them: --tag incident --worse')
  if (bail || allowSkip.length > 0)
    throw new UsageError(`--worse plays every outage that is chosen: leave out ${bail ? '--bail' : '--allow-skip'}`)
  const chosen = await choose(names, options, async (name) => incidentNamed(name).scenario)
  const scenarios = 'scenario' in chosen ? [chosen.scenario] : chosen.scenarios
  const found = scenarios.map(incidentOf).filter((incident) => incident !== undefined)
  if (found.length === 0)
    throw new UsageError('--worse is for outages, and none is chosen: "npx blackstart list --incidents" shows them')
  if ('scenario' in chosen || chosen.shard === null) return found
  const part = shardOf(
    found.map(({ scenario }) => scenario),
    chosen.shard,
  )
  return found.filter(({ scenario }) => part.includes(scenario))
}

/** Of the world in which outages are possible: a name of its own, since a world that is up is as it was built. */
export function worseName(world: string): string {
  return `${world}-worse`
}

/**
 * The world in which an outage was possible.
 * @throws UsageError where Compose files are given as well, or a world of this name is up with others
 */
export function worseWorld(
  { worse }: Incident,
  { world, file }: { world: string; file?: string[] | undefined },
): { world: string; files: string[] } {
  if (file !== undefined) throw new UsageError('--worse brings its own Compose files: leave out --file')
  const name = worseName(world)
  const files = ['docker-compose.yml', worse.file].map((each) => join(packageRoot, each))
  const given = filesGiven(name)
  if (given !== undefined && given.join() !== files.join())
    throw new UsageError(`the world ${name} has another setting: "npx blackstart down --world ${name}" takes it down`)
  return { world: name, files }
}

type WorseOptions = Omit<TrialsOptions, 'scenario' | 'files'> & { file?: string[] | undefined }

/** Returns the exit status: met where each damage came out in every trial, missed where one did not. */
export async function runWorse(chosen: readonly Incident[], options: WorseOptions): Promise<number> {
  if (options.keep && chosen.length > 1)
    throw new UsageError('--keep is for one outage: each has a world of its own, and two would slow each other down')
  const places = chosen.map((incident) => ({ incident, place: worseWorld(incident, options) }))
  const { judgedTrials } = await import('./trials.ts')
  const played: { incident: Incident; verdict: Verdict }[] = []
  try {
    for (const { incident, place } of places) {
      const trials = await judgedTrials({ ...options, ...place, scenario: incident.scenario })
      if (trials === undefined) return EXIT.interrupted
      played.push(...trials.map(({ verdict }) => ({ incident, verdict })))
      endInterrupts()
    }
  } finally {
    tell(played, options)
  }
  return exitStatusOf(played.map(({ incident, verdict }) => damageOf(incident, verdict)))
}

export function exitStatusOf(damages: readonly Damage[]): number {
  if (damages.includes('did not come out')) return EXIT.missed
  return damages.every((damage) => damage === 'came out') ? EXIT.met : EXIT.inconclusive
}

/** Whether every objective was missed that the outage's file says is missed then. */
export function damageOf({ worse }: Incident, verdict: Verdict): Damage {
  const results = resultsOf(worse.breaks, verdict)
  if (results.some((result) => result?.verdict === 'met')) return 'did not come out'
  if (results.every((result) => result?.verdict === 'missed')) return 'came out'
  const broken = verdict.validity.filter(({ holds }) => !holds)
  const hadNoRoom = broken.length > 0 && broken.every(({ name }) => name === 'host-had-room')
  return hadNoRoom && results.every((result) => result !== undefined && measuredAsMissed(result, verdict))
    ? 'came out, on a host without room'
    : 'nobody can say'
}

function resultsOf(names: Incident['worse']['breaks'], { objectives }: Verdict): (ObjectiveResult | undefined)[] {
  return names.map((name) => objectives.find((each) => each.name === resultName(name)))
}

/** A line for each trial, also where a later outage could not be played. */
function tell(played: readonly { incident: Incident; verdict: Verdict }[], { json }: { json: boolean }): void {
  if (played.length === 0) return
  say('')
  for (const { incident, verdict } of played) {
    const { breaks } = incident.worse
    const damage = damageOf(incident, verdict)
    const measured = resultsOf(breaks, verdict).map((result, index) =>
      result ? `"${result.promise}": ${measuredWords(result, verdict)}` : `${breaks[index]}: not judged`,
    )
    say(hanging(verdict.scenario.padEnd(17), [damage, ...measured], width()).join('\n'))
    if (json) jsonData({ scenario: verdict.scenario, trialId: verdict.trialId, damage })
  }
}

/** Of the objectives that outages name: in kebab-case, without the unit. A test holds them against the results' names. */
export function resultName(objective: keyof Objectives): string {
  return objective.replace(/Ms$/, '').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
