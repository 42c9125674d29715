/**
 * junit.xml: one suite a trial, one test case an objective. Missed is a failure (the system broke its promise).
 * Inconclusive is an error (the test could not tell), so that a pipeline never takes "nothing measured" for green. A
 * scenario that cannot run here is skipped.
 */
import type { ObjectiveResult, Verdict } from '../judge/verdict.ts'
import { escapeMarkup } from './markup.ts'

interface Case {
  name: string
  state: 'passed' | 'failure' | 'error' | 'skipped'
  message: string
  body: string
}

/** A trial that came to no verdict: it could not run here (`skipped`), or the harness failed (`error`). */
export interface Unjudged {
  scenario: string
  startedAt: string
  state: 'error' | 'skipped'
  message: string
}

/** One trial, judged or not, and how long it took where that is known. */
export type JunitTrial = ({ verdict: Verdict } | { unjudged: Unjudged }) & { tookMs?: number | undefined }

interface JunitSuite {
  name: string
  startedAt: string
  tookMs: number | undefined
  properties: [string, string][]
  cases: Case[]
}

export function renderJunit(verdicts: readonly Verdict[]): string {
  return renderJunitTrials(verdicts.map((verdict) => ({ verdict })))
}

export function renderJunitTrials(trials: readonly JunitTrial[]): string {
  const suites = trials.map(suiteOf)
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="blackstart" ${counts(suites.flatMap(({ cases }) => cases))}>`,
    ...suites.map(renderSuite),
    '</testsuites>',
    '',
  ].join('\n')
}

function suiteOf(trial: JunitTrial): JunitSuite {
  if ('verdict' in trial) {
    const { verdict } = trial
    const properties: [string, string][] = [
      ['trial', verdict.trialId],
      ['verdict', verdict.verdict],
      ...measured(verdict),
    ]
    return {
      name: verdict.scenario,
      startedAt: verdict.startedAt,
      tookMs: trial.tookMs,
      properties,
      cases: casesOf(verdict),
    }
  }
  const { scenario, startedAt, state, message } = trial.unjudged
  const properties: [string, string][] = [['verdict', state === 'skipped' ? 'skipped' : 'inconclusive']]
  return {
    name: scenario,
    startedAt,
    tookMs: trial.tookMs,
    properties,
    cases: [{ name: 'the trial was judged', state, message, body: '' }],
  }
}

/** For those who draw trends from test reports; null where nothing was measured. */
function measured(verdict: Verdict): [string, string][] {
  const { outcome, recoveredInMs, writeGapMs, writeGapOpen, readGapMs, readGapOpen, stalledMs } = verdict
  const values = { outcome, recoveredInMs, writeGapMs, writeGapOpen, readGapMs, readGapOpen, stalledMs }
  return Object.entries(values).map(([name, value]) => [name, String(value)])
}

function casesOf(verdict: Verdict): Case[] {
  const cases = verdict.objectives.map((objective) => caseOf(objective, verdict))
  // An inconclusive trial without an inconclusive objective (or with none at all) must still not pass.
  const told = cases.some((found) => found.state !== 'passed')
  if (verdict.verdict !== 'met' && !told)
    cases.push({
      name: 'the trial is valid',
      state: verdict.verdict === 'missed' ? 'failure' : 'error',
      message: verdict.summary,
      body: brokenChecks(verdict),
    })
  return cases
}

function caseOf(objective: ObjectiveResult, verdict: Verdict): Case {
  const name = objective.promise
  if (objective.verdict === 'met') return { name, state: 'passed', message: '', body: '' }
  if (objective.verdict === 'missed')
    return { name, state: 'failure', message: objective.message, body: `${objective.message}\n${verdict.summary}` }
  const broken = brokenChecks(verdict)
  return {
    name,
    state: 'error',
    message: broken === '' ? objective.message : broken.split('\n').join('; '),
    body: [objective.message, broken].filter((text) => text !== '').join('\n'),
  }
}

function brokenChecks(verdict: Verdict): string {
  return verdict.validity
    .filter((check) => !check.holds)
    .map((check) => `${check.name}: ${check.detail}`)
    .join('\n')
}

function counts(cases: readonly Case[]): string {
  const number = (state: Case['state']): number => cases.filter((found) => found.state === state).length
  const skipped = number('skipped')
  return `tests="${cases.length}" failures="${number('failure')}" errors="${number('error')}"${skipped === 0 ? '' : ` skipped="${skipped}"`}`
}

function renderSuite({ name, startedAt, tookMs, properties, cases }: JunitSuite): string {
  const classname = escapeMarkup(`blackstart.${name}`)
  const time = tookMs === undefined ? '' : ` time="${(tookMs / 1000).toFixed(3)}"`
  return [
    `  <testsuite name="${escapeMarkup(name)}" timestamp="${escapeMarkup(startedAt)}"${time} ${counts(cases)}>`,
    `    <properties>${properties.map(([key, value]) => `<property name="${key}" value="${escapeMarkup(value)}"/>`).join('')}</properties>`,
    ...cases.map((found) => {
      const opening = `    <testcase classname="${classname}" name="${escapeMarkup(found.name)}"`
      return found.state === 'passed'
        ? `${opening}/>`
        : `${opening}><${found.state} message="${escapeMarkup(found.message)}">${escapeMarkup(found.body)}</${found.state}></testcase>`
    }),
    '  </testsuite>',
  ].join('\n')
}
