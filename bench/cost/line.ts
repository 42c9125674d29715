/** The straight line with the least squares of its errors: what is there at no requests, and what each one adds. */

export interface Line {
  fixed: number
  each: number
}

/** Undefined where the points lie at fewer than two places: then no line is the best one. */
export function lineThrough(points: readonly { x: number; y: number }[]): Line | undefined {
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [x, y] = [mean(points.map((point) => point.x)), mean(points.map((point) => point.y))]
  const spread = points.reduce((sum, point) => sum + (point.x - x) ** 2, 0)
  if (!(spread > 0)) return undefined
  const each = points.reduce((sum, point) => sum + (point.x - x) * (point.y - y), 0) / spread
  return { fixed: y - each * x, each }
}
