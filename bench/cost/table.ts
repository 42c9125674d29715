/** The ledger of cost as tables in Markdown. Pure. */
import { median } from '../../chaos/judge/statistics.ts'
import { type Cell, explainedShare } from './cell.ts'
import { components } from './components.ts'
import { lineThrough } from './line.ts'

/** Below this share of the busy time that is explained, the table says that it is not to be trusted. */
export const leastExplained = 0.9
/** Where less of the machine is idle, everything costs more: caches are shared, and work is interrupted. */
const leastIdle = 0.25

const rateWords = (rate: number) => (rate === 0 ? 'idle, nobody looks' : `${rate}/s`)

/** Both tables and what is to be said about them. */
export function renderCost(cells: readonly Cell[]): string {
  return [
    sharesTable(cells),
    wakeupsTable(cells),
    trialsTable(cells),
    ...doubtsAbout(cells).map((doubt) => `**${doubt}**`),
  ].join('\n\n')
}

/** Shares of one core in per cent, fixed and for each request. */
function sharesTable(cells: readonly Cell[]): string {
  const row = (name: string, value: (cell: Cell) => number) => [
    name,
    ...ratesOf(cells).map((rate) => spread(ofRate(cells, rate).map((cell) => 100 * value(cell)))),
    ...costWords(cells, value),
  ]
  return table(
    ['per cent of one core', ...ratesOf(cells).map(rateWords), 'fixed, of a trial', 'for each request'],
    [
      row('**busy in all**', ({ machine }) => machine.busy),
      row('of it in the kernel', ({ machine }) => machine.kernel),
      row('... soft interrupts', ({ machine }) => machine.softirq),
      ...used(cells).map((name) => row(name, (cell) => cell.components[name].cores)),
      row('idle', ({ machine }) => machine.idle),
      row('stolen by other virtual machines', ({ machine }) => machine.stolen),
    ],
  )
}

/** By the line with the least squares through the cells with load: in per cent of a core, and milliseconds. */
function costWords(cells: readonly Cell[], value: (cell: Cell) => number): string[] {
  const loaded = cells.filter(({ requests }) => requests !== null)
  // Rounds of one rate are a few hundredths of a request apart: they show no slope.
  if (ratesOf(loaded).length < 2) return ['', '']
  const line = lineThrough(loaded.map((cell) => ({ x: cell.requests ?? cell.rate, y: value(cell) })))
  return line ? [(100 * line.fixed).toFixed(0), `${(1_000 * line.each).toFixed(2)} ms`] : ['', '']
}

/** Voluntary and involuntary context switches. */
function wakeupsTable(cells: readonly Cell[]): string {
  const row = (name: string, value: (cell: Cell) => number) => [
    name,
    ...ratesOf(cells).map((rate) => spread(ofRate(cells, rate).map(value))),
  ]
  return table(
    ['context switches a second', ...ratesOf(cells).map(rateWords)],
    [
      row('**all, with those to and from idleness**', ({ machine }) => machine.switches),
      ...used(cells).map((name) => row(name, (cell) => cell.components[name].wakeups)),
    ],
  )
}

/** What shows whether the cells can be compared. */
function trialsTable(cells: readonly Cell[]): string {
  const row = (name: string, words: (of: Cell[]) => string) => [
    name,
    ...ratesOf(cells).map((rate) => words(ofRate(cells, rate))),
  ]
  return table(
    ['how it was taken', ...ratesOf(cells).map(rateWords)],
    [
      row('cells, seconds each', (of) => `${of.length}, ${spread(of.map(({ seconds }) => seconds))}`),
      row('requests a second', (of) => spread(numbers(of.map(({ requests }) => requests)))),
      row('failed', (of) => spread(numbers(of.map(({ failed }) => failed)))),
      row('slowest, ms', (of) => spread(numbers(of.map(({ slowestMs }) => slowestMs)))),
      row('verdicts', (of) => [...new Set(of.flatMap(({ verdict }) => verdict ?? []))].join(', ')),
      row('explained by the components, per cent', (of) => spread(numbers(of.map(explainedShare)).map(percent))),
      row('idle, per cent of the machine', (of) => spread(numbers(of.map(idleShare)).map(percent))),
      row('a fixed piece of work, ms', (of) => spread(numbers(of.map(({ workMs }) => workMs)), 2)),
    ],
  )
}

/** Of the time of all processors; null where nothing passed. */
function idleShare({ machine: { idle, busy, stolen } }: Cell): number | null {
  const all = idle + busy + stolen
  return all > 0 ? idle / all : null
}

export function doubtsAbout(cells: readonly Cell[]): string[] {
  return cells.flatMap((cell) => {
    const explained = explainedShare(cell)
    const idle = idleShare(cell)
    const others = cell.components['other programs on this machine'].cores
    const words = `${rateWords(cell.rate)}: `
    return [
      ...(explained === null || explained < leastExplained
        ? [
            `${words}the components explain ${explained === null ? 'nothing' : `${percent(explained).toFixed(0)} %`} of the busy time, less than ${percent(leastExplained)} %: do not trust this cell.`,
          ]
        : []),
      ...(idle !== null && idle < leastIdle
        ? [
            `${words}the machine was idle for ${percent(idle).toFixed(0)} % of the time, less than ${percent(leastIdle)} %: on a free one each part costs less. Other programs had ${percent(others).toFixed(0)} % of a core.`,
          ]
        : []),
      ...(cell.requests !== null && cell.requests < 0.98 * cell.rate
        ? [`${words}only ${cell.requests.toFixed(1)} requests/s began.`]
        : []),
    ]
  })
}

const percent = (share: number) => 100 * share
const ratesOf = (cells: readonly Cell[]) => [...new Set(cells.map(({ rate }) => rate))].toSorted((a, b) => a - b)
const ofRate = (cells: readonly Cell[], rate: number) => cells.filter((cell) => cell.rate === rate)
const numbers = (values: (number | null)[]) => values.filter((value) => value !== null)
/** Those that did anything in any cell. */
const used = (cells: readonly Cell[]) =>
  components.filter((name) =>
    cells.some((cell) => cell.components[name].cores > 0 || cell.components[name].wakeups > 0),
  )

/** The median; with more than one value also the least and the most. */
function spread(values: readonly number[], digits = 0): string {
  const middle = median(values)
  if (middle === null) return ''
  const words = (value: number) => value.toFixed(digits)
  const [least, most] = [words(Math.min(...values)), words(Math.max(...values))]
  return least === most ? words(middle) : `${words(middle)} (${least} to ${most})`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')
}
