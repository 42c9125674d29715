/** A scenario's time line in words: what happens when and to what, and the objectives. Runs nothing. */

import { dcsElectionsPromise } from '../judge/elections.ts'
import { failedPromise } from '../judge/objectives-clients.ts'
import { readGapPromise, stalledPromise, writeGapPromise } from '../judge/objectives-gaps.ts'
import { takeOversPromise } from '../judge/objectives-primary.ts'
import { duration, plainly } from '../report/format.ts'
import { wrapped } from '../report/text.ts'
import { surgeRate } from '../scenarios/due.ts'
import { faultNamed, namedBy, optionsOf } from '../scenarios/kinds.ts'
import type { FaultSpec, Objectives, Scenario, SurgeSpec, Target } from '../scenarios/schema.ts'
import { targetWords, zoneRoles } from '../topology/target.ts'

/** The resolved time line of a scenario, to read; no line is longer than `width` columns. */
export function describeScenario(given: Scenario, { width = 80 }: { width?: number } = {}): string {
  const scenario = plainly(given)
  const { load, faults } = scenario
  const several = faults.length > 1
  const moments = [
    { atMs: -scenario.steadyMs, text: [loadInWords(load)] },
    ...(load.surges ?? []).flatMap((surge) => surgeInWords(surge, scenario)),
    ...faults.flatMap((fault, index) => momentsOf(fault, several ? index + 1 : undefined)),
    { atMs: scenario.observeMs, text: ['load ends; every database is read in full'] },
  ].toSorted((a, b) => a.atMs - b.atMs)
  const late = faults.filter((fault) => fault.atMs + fault.forMs > scenario.observeMs).length
  const objectives = describeObjectives(scenario.objectives)
  return [
    ...wrapped(`${scenario.name}: ${scenario.title}`, width),
    ...(scenario.tags.length === 0 ? [] : wrapped(`tags: ${scenario.tags.join(', ')}`, width)),
    '',
    ...moments.flatMap(({ atMs, text }) => hanging(`${at(atMs)}  `, text, width)),
    ...section('at the same time', overlaps(faults), width),
    ...section('note', late === 0 ? [] : [lateHeal(late)], width),
    ...section(
      'objectives',
      objectives.length === 0 ? ['none: the verdict will be inconclusive, whatever happens'] : objectives,
      width,
    ),
  ].join('\n')
}

function loadInWords({ ratePerSecond, writeShare, timeoutMs }: Scenario['load']): string {
  return `load starts: ${ratePerSecond} requests/s on a fixed schedule, ${percent(writeShare)} of them writes; clients give up after ${duration(timeoutMs)}`
}

function surgeInWords({ atMs, forMs, times }: SurgeSpec, { load: { ratePerSecond }, observeMs }: Scenario) {
  const rises = `load rises to ${surgeRate(ratePerSecond, times)} requests/s`
  if (atMs + forMs >= observeMs) return [{ atMs, text: [`${rises}, until it ends`] }]
  return [
    { atMs, text: [`${rises}, for ${duration(forMs)}`] },
    { atMs: atMs + forMs, text: [`load is back at ${ratePerSecond} requests/s`] },
  ]
}

function lateHeal(faults: number): string {
  const which = faults === 1 ? 'a fault is' : `${faults} faults are`
  return `${which} still to be healed when the load ends, so the trial cannot see clients recover from the heal: a longer observeMs would`
}

/** When it starts and when it ends. Faults have numbers where there are several. */
function momentsOf(fault: FaultSpec, number: number | undefined): { atMs: number; text: string[] }[] {
  const what = fault.target.scope === 'nothing' ? fault.kind : `${fault.kind} on ${targetWords(fault.target)}`
  const options = optionsInWords(fault)
  const sentences = [
    `${number === undefined ? '' : `fault ${number}: `}${what}${options === '' ? '' : `: ${options}`}`,
    faultNamed(fault.kind).models,
    ...(usesRoles(fault)
      ? [`roles are looked up ${fault.resolve === 'due' ? 'when the fault is due' : "at the trial's start"}`]
      : []),
  ]
  return [
    { atMs: fault.atMs, text: sentences },
    {
      atMs: fault.atMs + fault.forMs,
      text: [
        number === undefined
          ? `heal, after ${duration(fault.forMs)}`
          : `heal fault ${number}, after ${duration(fault.forMs)}: ${what}`,
      ],
    },
  ]
}

/** The options of a fault, as a phrase; empty if there are none. */
export function optionsInWords(fault: FaultSpec): string {
  return faultNamed(fault.kind).inWords?.(fault.with ?? {}, { length: duration, site: siteInWords }) ?? ''
}

function siteInWords(name: string): string {
  if (name === 'primary') return "the primary's region"
  return name === 'other' ? 'the other region' : name
}

/** Whether its target has to be looked up in a world. */
function usesRoles(fault: FaultSpec): boolean {
  const isRole = (name: string): boolean => [...zoneRoles, 'active'].includes(name)
  const told = Object.entries(optionsOf(fault.kind) ?? {}).flatMap(([option, type]) =>
    namedBy(type) ? ((fault.with as Record<string, unknown>)[option] as string | string[]) : [],
  )
  return (
    [...namesIn(fault.target), ...told].some(isRole) ||
    fault.target.scope === 'standbys' ||
    fault.target.scope === 'dcsLeader'
  )
}

function namesIn(target: Target): readonly string[] {
  if ('name' in target) return [target.name]
  if (target.scope === 'all') return target.region === undefined ? [] : [target.region]
  return target.scope === 'link' ? target.sites : []
}

/** Each pair of faults that are in force together, and from when to when. */
function overlaps(faults: readonly FaultSpec[]): string[] {
  return faults.flatMap((a, index) =>
    faults.slice(index + 1).flatMap((b, further) => {
      const from = Math.max(a.atMs, b.atMs)
      const to = Math.min(a.atMs + a.forMs, b.atMs + b.forMs)
      return from < to
        ? [`faults ${index + 1} and ${index + further + 2} from ${at(from).trim()} to ${at(to).trim()}`]
        : []
    }),
  )
}

function describeObjectives(objectives: Objectives): string[] {
  const { recoverWithinMs, lostWrites, onePrimary, failedRequests, slowestRequestMs, writeP99Ms, samePrimary } =
    objectives
  const { recoverAfterHealMs, failedReads, takeOvers, dcsElections } = objectives
  const { writeGapMs, readGapMs, stalledMs, staleReadMs, monotonicReads, window } = objectives
  const served = `from then on ${percent(window.successShare)} of the requests in any 5 s succeed, 99 % of them within ${duration(window.p99Ms)}`
  return [
    ...(recoverWithinMs === undefined
      ? []
      : [`clients are served again within ${duration(recoverWithinMs)}: ${served}`]),
    ...(recoverAfterHealMs === undefined
      ? []
      : [`clients are served again within ${duration(recoverAfterHealMs)} after the heal: ${served}`]),
    ...(lostWrites === undefined
      ? []
      : [lostWrites === 0 ? 'no acknowledged write is lost' : `at most ${lostWrites} acknowledged writes are lost`]),
    ...(onePrimary ? ['never two databases accept writes at once'] : []),
    ...(samePrimary ? ['no other database takes over'] : []),
    ...(takeOvers === undefined ? [] : [takeOversPromise(takeOvers)]),
    ...(dcsElections === undefined ? [] : [dcsElectionsPromise(dcsElections)]),
    ...(failedRequests === undefined ? [] : [failedPromise(failedRequests, 'request')]),
    ...(failedReads === undefined ? [] : [failedPromise(failedReads, 'read')]),
    ...(slowestRequestMs === undefined
      ? []
      : [`every request that succeeds takes at most ${duration(slowestRequestMs)}`]),
    ...(writeP99Ms === undefined ? [] : [`99 of 100 writes succeed within ${duration(writeP99Ms)}`]),
    ...(writeGapMs === undefined ? [] : [writeGapPromise(writeGapMs)]),
    ...(readGapMs === undefined ? [] : [readGapPromise(readGapMs)]),
    ...(stalledMs === undefined ? [] : [stalledPromise(stalledMs, window.stalledOverMs)]),
    ...(staleReadMs === undefined
      ? []
      : [staleReadMs === 0 ? 'no read is stale' : `no read is stale by more than ${duration(staleReadMs)}`]),
    ...(monotonicReads ? ['no client sees an account go back'] : []),
  ]
}

function section(title: string, items: readonly string[], width: number): string[] {
  return items.length === 0 ? [] : ['', title, ...items.flatMap((item) => hanging('  ', [item], width))]
}

/** Paragraphs with a prefix before the first line, and the same indent before the others. */
export function hanging(before: string, paragraphs: readonly string[], width: number): string[] {
  const lines = paragraphs.flatMap((paragraph) => wrapped(paragraph, width - before.length))
  return lines.map((line, index) => `${index === 0 ? before : ' '.repeat(before.length)}${line}`)
}

function at(ms: number): string {
  return `${ms < 0 ? '-' : '+'}${(Math.abs(ms) / 1000).toFixed(1)} s`.padStart(10)
}

/** A share as the scenario gives it, with more digits than measured shares have. */
function percent(share: number): string {
  return `${Number((share * 100).toFixed(2))} %`
}
