/** Spans of time, and what several of them cover. */
export interface Interval {
  fromMs: number
  toMs: number
}

/** The same time without overlaps, in order. Two that touch become one. */
export function unionOf(intervals: readonly Interval[]): Interval[] {
  const union: Interval[] = []
  for (const next of intervals.toSorted((a, b) => a.fromMs - b.fromMs)) {
    if (next.toMs <= next.fromMs) continue
    const last = union.at(-1)
    if (last === undefined || next.fromMs > last.toMs) union.push({ ...next })
    else last.toMs = Math.max(last.toMs, next.toMs)
  }
  return union
}

export function lengthOf(intervals: readonly Interval[]): number {
  return intervals.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0)
}
