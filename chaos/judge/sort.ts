/** Sorting of columns that are nearly in order. */

/** So many steps a value, on average; beyond it the usual way is quicker. */
const mostSteps = 8

/**
 * Sorts in place, and returns the column. Each value steps back to its place, which takes next to no time where those
 * before it are hardly ever greater: ends of requests in the order of their starts. Never more than linear, but for the
 * usual sort.
 */
export function sortNearlySorted(values: Float64Array): Float64Array {
  let steps = mostSteps * values.length
  for (let i = 1; i < values.length; i++) {
    const value = values[i] ?? 0
    let to = i
    for (; to > 0 && (values[to - 1] ?? 0) > value; to--) values[to] = values[to - 1] ?? 0
    values[to] = value
    steps -= i - to
    if (steps < 0) return values.sort()
  }
  return values
}

/** The same of rows, by what is known of them. */
export function sortRowsNearlySorted(rows: Uint32Array, compare: (a: number, b: number) => number): Uint32Array {
  let steps = mostSteps * rows.length
  for (let i = 1; i < rows.length; i++) {
    const row = rows[i] ?? 0
    let to = i
    for (; to > 0 && compare(rows[to - 1] ?? 0, row) > 0; to--) rows[to] = rows[to - 1] ?? 0
    rows[to] = row
    steps -= i - to
    if (steps < 0) return rows.sort(compare)
  }
  return rows
}
