/** Counts by two names, and where the fewest are. */
export class Histogram<Row extends string, Column extends string> {
  readonly #rows: readonly Row[]
  readonly #columns: readonly Column[]
  readonly #counts = new Map<string, number>()

  constructor(rows: readonly Row[], columns: readonly Column[]) {
    this.#rows = rows
    this.#columns = columns
  }

  count(row: Row, column: Column): void {
    this.#counts.set(`${row} ${column}`, this.of(row, column) + 1)
  }

  of(row: Row, column: Column): number {
    return this.#counts.get(`${row} ${column}`) ?? 0
  }

  /** A cell of which there are the fewest, drawn from all such. */
  rarest(random: () => number): { kind: Row; phase: Column } {
    const cells = this.#rows.flatMap((kind) => this.#columns.map((phase) => ({ kind, phase })))
    const fewest = Math.min(...cells.map(({ kind, phase }) => this.of(kind, phase)))
    const those = cells.filter(({ kind, phase }) => this.of(kind, phase) === fewest)
    return those[Math.floor(random() * those.length)] as { kind: Row; phase: Column }
  }

  /** Rows without any. */
  missing(): Row[] {
    return this.#rows.filter((row) => this.#columns.every((column) => this.of(row, column) === 0))
  }

  table(): string {
    const line = (name: string, cells: readonly (string | number)[]) =>
      name.padEnd(14) + cells.map((cell) => String(cell).padStart(11)).join('')
    return [
      line('', this.#columns),
      ...this.#rows.map((row) =>
        line(
          row,
          this.#columns.map((column) => this.of(row, column)),
        ),
      ),
    ].join('\n')
  }
}
