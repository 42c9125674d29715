/**
 * What the judge says of a trial: at the end its verdict, and until then what the same judge makes of the journal so
 * far, of which only what cannot change any more, or is said to be "so far", is shown. Pure.
 */
import type { Verdict } from '../judge/verdict.ts'
import { type KeyNumber, keyNumbers, momentNames, phaseMeanings, verdictWords } from '../report/wording.ts'

export interface PhaseView {
  name: string
  meaning: string
  lengthMs: number
  observer: string
  uncertaintyMs: number | null
  flag: string | null
}

export interface ObjectiveView {
  promise: string
  /** `open` until there is a verdict. */
  state: 'open' | 'met' | 'missed' | 'inconclusive'
  /** What was measured, in words; null where nothing was, or not yet. */
  message: string | null
}

export interface MomentView {
  label: string
  name: string
  atMs: number
}

export interface Reading {
  /** Whether this is the verdict in the run's folder. */
  isFinal: boolean
  verdict: Verdict['verdict'] | null
  verdictWord: string | null
  summary: string | null
  phases: PhaseView[]
  moments: MomentView[]
  objectives: ObjectiveView[]
  numbers: KeyNumber[]
  /** Checks of validity that do not hold, of a verdict. */
  broken: string[]
}

export function finalReading(verdict: Verdict): Reading {
  return {
    isFinal: true,
    verdict: verdict.verdict,
    verdictWord: verdictWords[verdict.verdict],
    summary: verdict.summary,
    phases: phasesOf(verdict),
    moments: momentsOf(verdict),
    objectives: verdict.objectives.map(({ promise, verdict: state, message }) => ({ promise, state, message })),
    numbers: keyNumbers(verdict),
    broken: verdict.validity.filter(({ holds }) => !holds).map(({ detail }) => detail),
  }
}

/** Of a trial that goes on: the phases whose end was observed, and promises that are all open. */
export function readingSoFar(verdict: Verdict): Reading {
  return {
    isFinal: false,
    verdict: null,
    verdictWord: null,
    summary: null,
    phases: phasesOf(verdict),
    moments: momentsOf(verdict),
    objectives: verdict.objectives.map(({ promise }) => ({ promise, state: 'open', message: null })),
    numbers: [],
    broken: [],
  }
}

function phasesOf({ phases }: Verdict): PhaseView[] {
  return phases.flatMap(({ name, lengthMs, observer, uncertaintyMs, flag = null }) =>
    lengthMs === null || flag?.startsWith('unobserved')
      ? []
      : [{ name, meaning: phaseMeanings[name], lengthMs, observer, uncertaintyMs, flag }],
  )
}

function momentsOf({ moments }: Verdict): MomentView[] {
  return momentNames.flatMap(([key, label, name]) => {
    const atMs = moments[key]
    return atMs === null ? [] : [{ label, name, atMs }]
  })
}
