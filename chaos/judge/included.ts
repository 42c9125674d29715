/**
 * In what a trial's scenario differs from the included one of its name. A reader who sees "region-kill" takes it for the
 * one that ships; with other faults, another load or promises that ask for less it is not. This is told, and changes no
 * verdict: the trial did what it says, and its promises were judged as they were asked.
 */
import type { EventOf } from '../journal/schema.ts'
import { adapted } from '../scenarios/adapt.ts'
import { askedHere } from '../scenarios/asked.ts'
import { scenarios } from '../scenarios/library/index.ts'
import type { FaultSpec, Scenario, SurgeSpec } from '../scenarios/schema.ts'
import { targetWords } from '../topology/target.ts'
import { duration } from './figures.ts'
import { faultName } from './words.ts'

/**
 * One phrase for each field; none where it does not differ, and where nothing of that name is included. Of a drill by
 * hand the scenario is only its beginning.
 */
export function differencesFromIncluded(opened: EventOf<'trial.opened'>): string[] {
  const { scenario, byHand, topology, audit, clients } = opened
  const shipped = scenarios.find(({ name }) => name === scenario.name)
  if (shipped === undefined || byHand) return []
  // As it is played in this world: with its nodes, and without promises of which nobody here can tell.
  const here = askedHere(adapted(shipped, topology), { topology, audit }).scenario
  const [is, ought] = [fieldsOf(scenario), fieldsOf(here)]
  // What one's own system is asked says by itself how much of it writes.
  if (clients?.requests !== undefined || clients?.script) ought.set('writeShare', is.get('writeShare'))
  return [...new Set([...ought.keys(), ...is.keys()])].flatMap((field) => {
    const [now, then] = [is.get(field), ought.get(field)]
    return now === then ? [] : [`${field} ${now ?? 'not asked for'} instead of ${then ?? 'not asked for'}`]
  })
}

type Value = string | number | boolean | undefined

/** All that bears on a trial's result: not the title, nor the tags. */
function fieldsOf({ faults, load, steadyMs, observeMs, objectives: { window, ...objectives } }: Scenario) {
  return new Map<string, Value>([
    ['faults', faults.map(faultWords).join(', then ')],
    ...Object.entries({ ...load, surges: load.surges?.map(surgeWords).join(', then ') }),
    ['steadyMs', steadyMs],
    ['observeMs', observeMs],
    ...Object.entries(objectives),
    ...Object.entries(window).map(([name, limit]): [string, Value] => [`window.${name}`, limit]),
  ])
}

function surgeWords({ atMs, forMs, times }: SurgeSpec): string {
  return `${times} times the load at +${duration(atMs)} for ${duration(forMs)}`
}

function faultWords(spec: FaultSpec): string {
  const { kind, target, atMs, forMs, resolve } = spec
  const name = faultName({ kind, target: targetWords(target), with: spec.with })
  return `${name} at +${duration(atMs)} for ${duration(forMs)}${resolve === 'due' ? ' (whoever has the role by then)' : ''}`
}
