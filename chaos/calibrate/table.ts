/** A calibration as a table for people: a line for each figure at each rate. Pure. */
import { duration } from '../judge/figures.ts'
import type { Cell } from './cells.ts'
import { signed } from './defects.ts'

const header = ['host', 'requests/s', 'figure', 'n', 'bias', '95 of 100 within', 'worst', 'may be', '']

/** Plain text, in columns. */
export function tableText(cells: readonly Cell[]): string {
  const rows = [header, ...cells.map(rowOf)]
  const widths = header.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** The same in Markdown, for docs/measurements.md. */
export function tableMarkdown(cells: readonly Cell[]): string {
  return [header, header.map(() => '---'), ...cells.map(rowOf)].map((row) => `| ${row.join(' | ')} |`).join('\n')
}

function rowOf(cell: Cell): string[] {
  return [
    cell.host,
    String(cell.ratePerSecond),
    cell.figure,
    String(cell.n),
    signed(cell.biasMs),
    duration(cell.p95Ms),
    duration(cell.worstMs),
    duration(cell.limitMs),
    cell.within ? '✓' : '✕',
  ]
}
