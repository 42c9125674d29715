/** summary.md: the verdict for a pull request or a job's summary page. */
import type { Verdict } from '../judge/verdict.ts'
import { faultName } from '../judge/words.ts'
import { offset, plain } from './format.ts'
import {
  actualWords,
  againstPrediction,
  differenceWords,
  evidenceWords,
  keyNumbers,
  lengthWords,
  limitWords,
  phasesFromWords,
  plusMinus,
  predictedWords,
  summaryWords,
  verdictSigns,
  verdictWords,
} from './wording.ts'

export function renderSummary(verdict: Verdict): string {
  const sections = [
    `# ${verdictSigns[verdict.verdict]} ${verdictWords[verdict.verdict]}: ${escaped(verdict.scenario)}`,
    escaped(summaryWords(verdict)),
    `*${escaped(verdict.title)}*`,
    escaped(differenceWords(verdict) ?? ''),
    validity(verdict),
    numbers(verdict),
    objectives(verdict),
    phases(verdict),
    losses(verdict),
    limits(verdict),
    `Trial ${escaped(verdict.trialId)}, started ${escaped(verdict.startedAt)}.`,
  ]
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`
}

/** One line of plain text: no mark-up, no HTML, no link, no table cell can start inside it. */
export function escaped(text: string): string {
  return (
    plain(text)
      .replace(/&/g, '&amp;')
      .replace(/</g, '&lt;')
      .replace(/>/g, '&gt;')
      .replace(/[\\`*_[\]|#~!@]/g, (char) => `\\${char}`)
      // A bare address becomes a link by itself on GitHub; a broken scheme does not.
      .replace(/:\/\//g, ':&#47;&#47;')
      .replace(/\bwww\./gi, (text_) => `${text_.slice(0, 3)}&#46;`)
  )
}

/** A table whose cells are plain text. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(header), line(header.map(() => '---')), ...rows.map((row) => line(row.map(escaped)))].join('\n')
}

function validity(verdict: Verdict): string {
  const broken = verdict.validity.filter((check) => !check.holds)
  if (broken.length === 0) return ''
  return `**${broken.length} of ${verdict.validity.length} checks of the trial itself ${broken.length === 1 ? 'does' : 'do'} not hold:**\n\n${broken.map((check) => `- **${check.name}**: ${escaped(check.detail)}`).join('\n')}`
}

function numbers(verdict: Verdict): string {
  return table(
    ['', 'measured', ''],
    keyNumbers(verdict).map(({ label, value, note }) => [label, value, note]),
  )
}

function objectives(verdict: Verdict): string {
  const unasked = verdict.notLookedFor ?? []
  if (verdict.objectives.length + unasked.length === 0) return ''
  return `## Objectives\n\n${table(
    ['verdict', 'promise', 'limit', 'actual', 'evidence'],
    [
      ...verdict.objectives.map((objective) => [
        `${verdictSigns[objective.verdict]} ${objective.verdict}`,
        objective.promise,
        limitWords(objective),
        actualWords(objective, verdict),
        evidenceWords(objective, verdict),
      ]),
      ...unasked.map(({ what, why }) => ['– not looked for', what, '', '', why]),
    ],
  )}`
}

function phases(verdict: Verdict): string {
  if (verdict.phases.every((phase) => phase.lengthMs === null)) return ''
  const from = phasesFromWords(verdict)
  return `## Phases\n\n${from === '' ? '' : `Phases are ${from}.\n\n`}${table(
    ['phase', 'measured', 'predicted', 'bound by', 'seen by'],
    verdict.phases.map((phase) => {
      const against = againstPrediction(phase)
      return [
        phase.name,
        `${lengthWords(phase)}${phase.lengthMs === null || phase.uncertaintyMs === null ? '' : ` ${plusMinus(phase.uncertaintyMs)}`}`,
        `${predictedWords(phase)}${against === '' || against === 'within' ? '' : ` (${against})`}`,
        phase.predicted?.dominatedBy ?? '',
        `${phase.observer}${phase.flag === undefined ? '' : `; ${phase.flag}`}`,
      ]
    }),
  )}`
}

function losses(verdict: Verdict): string {
  if (verdict.lostWriteSamples.length === 0) return ''
  const zeroMs = verdict.moments.requestedMs ?? 0
  return `## Lost writes\n\n${table(
    ['key', 'acked at', 'absent from'],
    verdict.lostWriteSamples.map((write) => [write.key, offset(write.ackedAtMs - zeroMs), write.absentFrom.join(', ')]),
  )}`
}

function limits(verdict: Verdict): string {
  const lines = verdict.faults.flatMap((fault) =>
    fault.doesNotModel.map((text) => `- ${escaped(`${faultName(fault)}: ${text}`)}`),
  )
  return lines.length === 0 ? '' : `## What the faults do not model\n\n${lines.join('\n')}`
}
