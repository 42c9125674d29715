/** The verdict at the end of a trial, for people at a terminal. Pure: returns text, ends with a newline. */
import type { ObjectiveResult, Phase, Verdict, VerdictName } from '../judge/verdict.ts'
import { duration, plain, plainly } from './format.ts'
import { columns, type Palette, textWidth, wrapped } from './text.ts'
import {
  actualWords,
  againstPrediction,
  differenceWords,
  evidenceWords,
  keyNumbers,
  lengthWords,
  measuredWords,
  phasesFromWords,
  phasesZeroMs,
  plusMinus,
  predictedWords,
  summaryWords,
  verdictSigns,
  verdictWords,
} from './wording.ts'

export interface VerdictOptions {
  colours: Palette
  /** Columns; lines are kept to it. */
  width: number
  /** Where report.html is, if it was written. */
  reportPath?: string
}

const indent = '  '

export function renderVerdict(given: Verdict, { colours, width, reportPath }: VerdictOptions): string {
  const verdict = plainly(given)
  const lines = [
    ...heading(verdict, colours, width),
    '',
    ...validityProblems(verdict, colours, width),
    ...numbers(verdict, colours, width),
    '',
    ...phases(verdict, colours, width),
    ...objectives(verdict, colours, width),
    ...(reportPath === undefined ? [] : ['', `${colours.dim('report')}  ${plain(reportPath)}`]),
  ]
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`
}

function verdictColour(name: VerdictName, colours: Palette): (text: string) => string {
  return { met: colours.green, missed: colours.red, inconclusive: colours.magenta }[name]
}

function heading(verdict: Verdict, colours: Palette, width: number): string[] {
  const word = `${verdictSigns[verdict.verdict]} ${verdictWords[verdict.verdict]}`
  return [
    `${verdictColour(verdict.verdict, colours)(colours.bold(word))}  ${verdict.scenario}`,
    ...wrapped(summaryWords(verdict), width),
    ...wrapped(verdict.title, width).map((line) => colours.dim(line)),
    ...wrapped(differenceWords(verdict) ?? '', width).filter((line) => line !== ''),
  ]
}

/** First of all: when an instrument failed, the numbers below it are not a verdict. */
function validityProblems(verdict: Verdict, colours: Palette, width: number): string[] {
  const broken = verdict.validity.filter((check) => !check.holds)
  if (broken.length === 0) return []
  const lines = broken.flatMap((check) =>
    wrapped(`${check.name}: ${check.detail}`, width - 4).map(
      (line, index) => `${indent}${index === 0 ? colours.magenta('!') : ' '} ${line}`,
    ),
  )
  return [
    colours.bold(
      broken.length === 1
        ? 'One check of the trial itself does not hold'
        : `${broken.length} checks of the trial itself do not hold`,
    ),
    ...lines,
    '',
  ]
}

function numbers(verdict: Verdict, colours: Palette, width: number): string[] {
  return keyNumbers(verdict).flatMap(({ label, value, note, measured }) => {
    const front = `${indent}${label.padEnd(16)} ${measured ? colours.bold(value) : colours.dim(value)}`
    const room = width - textWidth(front) - 2
    if (note === '') return [front]
    return textWidth(note) <= room
      ? [`${front}  ${colours.dim(note)}`]
      : [front, ...wrapped(note, width - 19).map((line) => `${' '.repeat(19)}${colours.dim(line)}`)]
  })
}

function phases(verdict: Verdict, colours: Palette, width: number): string[] {
  const totalMs = verdict.phases.reduce((all, phase) => all + (phase.lengthMs ?? 0), 0)
  if (totalMs <= 0) return []
  const zeroMs = phasesZeroMs(verdict) ?? 0
  const cells = verdict.phases.map((phase) => [phase.name, measured(phase), predicted(phase)] as const)
  const predictedWidth = width < 76 ? 0 : Math.max(0, ...cells.map(([, , text]) => textWidth(text))) + 2
  const measuredWidth = Math.max(...cells.map(([, text]) => textWidth(text)))
  const barWidth = Math.max(8, width - 2 - 8 - 2 - measuredWidth - predictedWidth - 1)
  const rows = verdict.phases.map((phase, index) => {
    const [name, text, forecast] = cells[index] ?? ['', '', '']
    const bar =
      phase.fromMs === null || phase.toMs === null
        ? ' '.repeat(barWidth)
        : phaseBar({
            fromShare: (phase.fromMs - zeroMs) / totalMs,
            toShare: (phase.toMs - zeroMs) / totalMs,
            cells: barWidth,
          })
    return [
      `${indent}${name.padEnd(8)}${colours.cyan(bar)}  ${text.padEnd(measuredWidth)}${predictedWidth === 0 ? '' : `  ${colours.dim(forecast)}`}`,
      ...(phase.flag === undefined || phase.flag.startsWith('not needed')
        ? []
        : wrapped(phase.flag, width - 10).map((line) => `${' '.repeat(10)}${colours.yellow(line)}`)),
    ]
  })
  const title =
    predictedWidth === 0
      ? `phases, ${duration(totalMs)} in all`
      : columns(
          [`phases, ${duration(totalMs)} in all`, '', 'measured', 'predicted'],
          [indent.length + 8 + barWidth, 0, measuredWidth + 2, 0],
        )
  const from = phasesFromWords(verdict)
  return [colours.dim(title), ...(from === '' ? [] : [colours.dim(`${indent}${from}`)]), ...rows.flat(), '']
}

function measured(phase: Phase): string {
  return phase.lengthMs === null || phase.uncertaintyMs === null
    ? lengthWords(phase)
    : `${lengthWords(phase)} ${plusMinus(phase.uncertaintyMs)}`
}

function predicted(phase: Phase): string {
  if (phase.predicted === null) return ''
  const against = againstPrediction(phase)
  return `${predictedWords(phase)}${against.startsWith('longer') ? ', longer' : against.startsWith('shorter') ? ', shorter' : ''}`
}

/** A bar at its place in the whole; a phase too short for a cell is a thin one. */
export function phaseBar({ fromShare, toShare, cells }: { fromShare: number; toShare: number; cells: number }): string {
  const clamp = (share: number): number => Math.min(1, Math.max(0, share))
  const from = Math.min(cells - 1, Math.floor(clamp(fromShare) * cells + 1e-9))
  const to = Math.round(clamp(toShare) * cells)
  const body = to <= from ? '▏' : '█'.repeat(to - from)
  return `${' '.repeat(from)}${body}`.padEnd(cells)
}

function objectives(verdict: Verdict, colours: Palette, width: number): string[] {
  const none = verdict.objectives.length === 0
  return [
    colours.dim(none ? 'the scenario sets no objective' : 'objectives'),
    ...verdict.objectives.flatMap((objective) => objectiveLines(objective, verdict, colours, width)),
    ...(verdict.notLookedFor ?? []).flatMap(({ what, why }) => [
      `${indent}${'– not asked'.padEnd(15)}${what}`,
      ...wrapped(why, width - indent.length - 15).map((line) => ' '.repeat(indent.length + 15) + colours.dim(line)),
    ]),
  ]
}

function objectiveLines(objective: ObjectiveResult, verdict: Verdict, colours: Palette, width: number): string[] {
  const word = `${verdictSigns[objective.verdict]} ${objective.verdict}`.padEnd(15)
  const actual = actualWords(objective, verdict)
  const numbers = measuredWords(objective, verdict)
  const room = width - indent.length - 15
  const promise = wrapped(objective.promise, room)
  const fits = promise.length === 1 && textWidth(promise[0] ?? '') + 2 + textWidth(numbers) <= room
  const first = fits ? `${(promise[0] ?? '').padEnd(room - textWidth(numbers))}${numbers}` : (promise[0] ?? '')
  const more = [...promise.slice(1), ...(fits ? [] : [numbers])]
  const hanging = ' '.repeat(indent.length + 15)
  // A promise that was kept needs no proof here; the report has it.
  const evidence = evidenceWords(objective, verdict)
  const proof = objective.verdict === 'met' || evidence === actual ? [] : wrapped(evidence, room)
  return [
    `${indent}${verdictColour(objective.verdict, colours)(word)}${first}`,
    ...more.map((line) => hanging + line),
    ...proof.map((line) => hanging + colours.dim(line)),
  ]
}
