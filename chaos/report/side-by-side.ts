/** Two trials of the same faults beside each other: the phases, and what clients saw. Pure. */
import { phaseNames, type Verdict } from '../judge/verdict.ts'
import { count, duration, elapsed, notMeasured, plainly } from './format.ts'
import { outcomeWords } from './outcome-words.ts'
import type { Palette } from './text.ts'
import { verdictWords } from './wording.ts'

export interface SideBySideOptions {
  colours: Palette
  names: readonly [string, string]
}

export interface Row {
  label: string
  values: readonly [string, string]
  /** By how much the second differs; empty where one of them was not measured, or there is no number. */
  differs: string
}

/** What is compared, in groups with `undefined` between them. */
export function sideBySide(first: Verdict, second: Verdict): (Row | undefined)[] {
  const length = (label: string, pick: (verdict: Verdict) => number | null): Row =>
    row(label, [pick(first), pick(second)], duration)
  const amount = (label: string, pick: (verdict: Verdict) => number | null): Row =>
    row(label, [pick(first), pick(second)], count)
  const words = (label: string, pick: (verdict: Verdict) => string): Row => ({
    label,
    values: [pick(first), pick(second)],
    differs: '',
  })
  return [
    words('verdict', ({ verdict }) => verdictWords[verdict].toLowerCase()),
    undefined,
    ...phaseNames.map((name) => length(name, ({ phasesMs }) => phasesMs[name])),
    row(
      'recovered in',
      [first, second].map((verdict) => verdict.recoveredInMs) as [number | null, number | null],
      duration,
      [outcomeOf(first), outcomeOf(second)],
    ),
    length('write gap', ({ writeGapMs }) => writeGapMs),
    length('read gap', ({ readGapMs }) => readGapMs),
    length('stalled for', ({ stalledMs }) => stalledMs),
    undefined,
    length('failing for', ({ failingMs }) => failingMs),
    length('slowest request', ({ slowestRequestMs }) => slowestRequestMs),
    amount('failed requests', ({ failedRequests }) => failedRequests),
    amount('lost writes', ({ lostWrites }) => lostWrites),
    length('two primaries', ({ dualWritableMs }) => dualWritableMs),
    ...faultRows(first, second),
  ]
}

/**
 * A table, 80 columns at most: the first trial, the second, and by how much the second differs where both were
 * measured.
 */
export function renderSideBySide(
  verdicts: readonly [Verdict, Verdict],
  { colours, names: given }: SideBySideOptions,
): string {
  const [[first, second], names] = plainly([verdicts, given] as const)
  const rows = sideBySide(first, second)
  const wide = (texts: string[]) => Math.max(...texts.map((text) => text.length))
  const told = rows.filter((each) => each !== undefined)
  const widths = [
    wide(told.map(({ label }) => label)),
    wide([names[0], ...told.map(({ values }) => values[0])]),
    wide([names[1], ...told.map(({ values }) => values[1])]),
  ] as const
  const line = (label: string, a: string, b: string, differs: string) =>
    `  ${label.padEnd(widths[0])}  ${a.padStart(widths[1])}  ${b.padStart(widths[2])}  ${differs}`.trimEnd()
  return `${[
    colours.dim(line('', ...names, '')),
    ...rows.map((each) => (each === undefined ? '' : line(each.label, ...each.values, each.differs))),
  ].join('\n')}\n`
}

function row(
  label: string,
  [a, b]: readonly [number | null, number | null],
  inWords: (value: number) => string,
  absent: readonly [string, string] = [notMeasured, notMeasured],
): Row {
  const values = [a === null ? absent[0] : inWords(a), b === null ? absent[1] : inWords(b)] as const
  if (a === null || b === null) return { label, values, differs: '' }
  return { label, values, differs: a === b ? 'the same' : `${b > a ? '+' : '−'}${inWords(Math.abs(b - a))}` }
}

/** Short, since two of them stand in one line. */
function outcomeOf(verdict: Verdict): string {
  return (outcomeWords(verdict) ?? notMeasured).replace('not recovered within', 'not in')
}

/** When each fault was requested and how long it lasted: whether the second trial did what the first did. */
function faultRows(first: Verdict, second: Verdict): (Row | undefined)[] {
  const told = ({ faults, moments }: Verdict, index: number): string => {
    const fault = faults[index]
    if (fault === undefined) return 'none'
    const at = `at +${elapsed(fault.requestedMs - (moments.requestedMs ?? 0))}`
    return fault.healRequestedMs === null ? at : `${at} for ${elapsed(fault.healRequestedMs - fault.requestedMs)}`
  }
  const most = Math.max(first.faults.length, second.faults.length)
  return Array.from({ length: most }, (_, index) => index).flatMap((index): (Row | undefined)[] => {
    const [a, b] = [first.faults[index], second.faults[index]]
    const targets =
      a && b && a.target !== b.target ? [{ label: '', values: [a.target, b.target] as const, differs: '' }] : []
    return [
      ...(index === 0 ? [undefined] : []),
      { label: (a ?? b)?.kind ?? '', values: [told(first, index), told(second, index)], differs: '' },
      ...targets,
    ]
  })
}
