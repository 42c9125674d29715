/** A calibration as a table for people: a line for each figure at each rate. Pure. */
import { duration } from '../judge/figures.ts'
import type { Calibration } from './calibrate.ts'
import type { Cell } from './cells.ts'
import { signed } from './defects.ts'

const header = ['host', 'requests/s', 'figure', 'n', 'bias', '95 of 100 within', 'worst', 'may be', '']

/** Where it was measured, and by what: figures of another machine say little. */
export function machineWords({
  at,
  host,
  harness,
  versions,
}: Pick<Calibration, 'at' | 'host' | 'harness' | 'versions'>) {
  const gibibytes = (host.memoryBytes / 2 ** 30).toFixed(1)
  return (
    `${at.slice(0, 10)}, Blackstart ${harness.version} (commit ${harness.commit}), on ${host.platform}: ` +
    `${host.cores} × ${host.model}, ${gibibytes} GiB, kernel ${host.kernel}, engine ${host.engine}, ` +
    `Node ${harness.node}, k6 ${versions['k6']}.`
  )
}

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
