/** run --worse: incidents in the worlds that let them happen, one after the other, and whether their damage came out. */
import { join } from 'node:path'
import { EXIT, UsageError } from '../errors.ts'
import { measuredAsMissed } from '../judge/objectives.ts'
import type { ObjectiveResult, Verdict } from '../judge/verdict.ts'
import { actualWords } from '../report/wording.ts'
import { packageRoot } from '../roots.ts'
import { type Incident, incidentNamed, incidentOf } from '../scenarios/incidents/index.ts'
import type { Objectives } from '../scenarios/schema.ts'
import { shardOf } from '../scenarios/select.ts'
import { type ChoiceOptions, choose } from './choice.ts'
import { hanging } from './describe.ts'
import { say, width } from './output.ts'
import { type TrialsOptions, trialsTold } from './trials.ts'

/** Came out: what its file says is missed was. Nobody can say: the trial was not sound, and not only short of room. */
export type Damage = 'came out' | 'did not come out' | 'nobody can say'

/**
 * What `names`, a suite or tags choose, as far as it is incidents.
 * @throws UsageError where none is meant
 */
export async function chosenIncidents(names: string[], options: ChoiceOptions): Promise<readonly Incident[]> {
  if (names.length === 0 && options.suite === undefined && options.tag === undefined)
    throw new UsageError('--worse of which outage? Name one, or all of them: --tag incident --worse')
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

/**
 * The world in which an incident was possible. It has a name of its own, since a world that is up is as it was built.
 * @throws UsageError where Compose files are given as well
 */
export function worseWorld(
  { worse }: Incident,
  { world, file }: { world: string; file?: string[] | undefined },
): { world: string; files: string[] } {
  if (file !== undefined) throw new UsageError('--worse brings its own Compose files: leave out --file')
  return { world: `${world}-worse`, files: ['docker-compose.yml', worse.file].map((each) => join(packageRoot, each)) }
}

type WorseOptions = Omit<TrialsOptions, 'scenario' | 'files'> & { file?: string[] | undefined }

/** Returns the exit status: met where each damage came out in every trial, missed where one did not. */
export async function runWorse(chosen: readonly Incident[], options: WorseOptions): Promise<number> {
  if (options.keep && chosen.length > 1)
    throw new UsageError('--keep is for one outage: each has a world of its own, and two would slow each other down')
  const places = chosen.map((incident) => ({ incident, ...worseWorld(incident, options) }))
  const came: { incident: Incident; verdicts: Verdict[] }[] = []
  for (const { incident, world, files } of places) {
    const openPage = came.length === 0 ? options.openPage : async () => {}
    const told = await trialsTold({ ...options, scenario: incident.scenario, world, files, openPage })
    if (told === undefined) return EXIT.interrupted
    came.push({ incident, verdicts: told.map(({ verdict }) => verdict) })
  }
  say(`\n${came.flatMap(({ incident, verdicts }) => damageLines(incident, verdicts)).join('\n')}`)
  const all = came.flatMap(({ incident, verdicts }) => verdicts.map((verdict) => damageOf(incident, verdict)))
  if (all.includes('did not come out')) return EXIT.missed
  return all.includes('nobody can say') ? EXIT.inconclusive : EXIT.met
}

/** Did what the incident's file says is missed come out as missed? A host without room makes no damage up. */
export function damageOf({ worse }: Incident, { objectives, outcome, validity }: Verdict): Damage {
  const broken = validity.filter(({ holds }) => !holds)
  const isSound = broken.every(({ name }) => name === 'host-had-room')
  const cameOut = (result: ObjectiveResult | undefined): boolean =>
    result?.verdict === 'missed' ||
    (result !== undefined && isSound && measuredAsMissed(result, { censored: outcome === 'censored' }))
  if (worse.breaks.every((name) => cameOut(objectives.find((each) => each.name === resultName(name)))))
    return 'came out'
  return broken.length > 0 ? 'nobody can say' : 'did not come out'
}

function damageLines(incident: Incident, verdicts: readonly Verdict[]): string[] {
  return verdicts.flatMap((verdict) => {
    const measured = incident.worse.breaks.map((name) => {
      const result = verdict.objectives.find((each) => each.name === resultName(name))
      return result ? `${result.promise}: ${actualWords(result, verdict)}` : `${name}: not judged`
    })
    return hanging(`${incident.scenario.name.padEnd(17)}${damageOf(incident, verdict).padEnd(18)}`, measured, width())
  })
}

/** The result of an objective has its name in kebab-case, without the unit. */
export function resultName(objective: keyof Objectives): string {
  return objective.replace(/Ms$/, '').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
