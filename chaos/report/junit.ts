/**
 * junit.xml: one suite a trial, one test case an objective. Missed is a failure (the system broke its promise);
 * inconclusive is an error (the test could not tell), so that a pipeline never takes "nothing measured" for green.
 */
import type { ObjectiveResult, Verdict } from '../judge/verdict.ts'
import { escapeMarkup } from './markup.ts'

type Case = { name: string; state: 'passed' | 'failure' | 'error'; message: string; body: string }

export function renderJunit(verdicts: readonly Verdict[]): string {
  const suites = verdicts.map((verdict) => ({ verdict, cases: casesOf(verdict) }))
  const all = suites.flatMap(({ cases }) => cases)
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="blackstart" ${counts(all)}>`,
    ...suites.map(({ verdict, cases }) => suite(verdict, cases)),
    '</testsuites>', '',
  ].join('\n')
}

function casesOf(verdict: Verdict): Case[] {
  const cases = verdict.objectives.map((objective) => caseOf(objective, verdict))
  // An inconclusive trial without an inconclusive objective (or with none at all) must still not pass.
  const told = cases.some((found) => found.state !== 'passed')
  if (verdict.verdict !== 'met' && !told) cases.push({ name: 'the trial is valid', state: verdict.verdict === 'missed' ? 'failure' : 'error', message: verdict.summary, body: brokenChecks(verdict) })
  return cases
}

function caseOf(objective: ObjectiveResult, verdict: Verdict): Case {
  const name = objective.promise
  if (objective.verdict === 'met') return { name, state: 'passed', message: '', body: '' }
  if (objective.verdict === 'missed') return { name, state: 'failure', message: objective.message, body: `${objective.message}\n${verdict.summary}` }
  const broken = brokenChecks(verdict)
  return { name, state: 'error', message: broken === '' ? objective.message : broken.split('\n').join('; '), body: [objective.message, broken].filter((text) => text !== '').join('\n') }
}

function brokenChecks(verdict: Verdict): string {
  return verdict.validity.filter((check) => !check.holds).map((check) => `${check.name}: ${check.detail}`).join('\n')
}

function counts(cases: readonly Case[]): string {
  const number = (state: Case['state']): number => cases.filter((found) => found.state === state).length
  return `tests="${cases.length}" failures="${number('failure')}" errors="${number('error')}"`
}

function suite(verdict: Verdict, cases: readonly Case[]): string {
  const classname = escapeMarkup(`blackstart.${verdict.scenario}`)
  const properties = [['trial', verdict.trialId], ['verdict', verdict.verdict], ['recoveredInMs', String(verdict.recoveredInMs)]]
  return [
    `  <testsuite name="${escapeMarkup(verdict.scenario)}" timestamp="${escapeMarkup(verdict.startedAt)}" ${counts(cases)}>`,
    `    <properties>${properties.map(([name, value]) => `<property name="${name}" value="${escapeMarkup(value ?? '')}"/>`).join('')}</properties>`,
    ...cases.map((found) => {
      const opening = `    <testcase classname="${classname}" name="${escapeMarkup(found.name)}"`
      return found.state === 'passed' ? `${opening}/>` : `${opening}><${found.state} message="${escapeMarkup(found.message)}">${escapeMarkup(found.body)}</${found.state}></testcase>`
    }),
    '  </testsuite>',
  ].join('\n')
}
