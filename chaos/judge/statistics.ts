/**
 * What a handful of trials can say, without assuming any distribution: order statistics and the binomial, nothing else.
 * Recovery times are skewed, bounded by timers and sometimes censored, so means and standard deviations would mislead.
 *
 * Sources: Hahn & Meeker, "Statistical Intervals", chapter 5 (intervals and tolerance bounds from order statistics);
 * Clopper & Pearson, Biometrika 26 (1934); Hanley & Lippman-Hand, JAMA 249 (1983) for the rule of three.
 */

export interface Interval {
  low: number
  high: number
  /** The confidence actually reached, at least the one asked for: order statistics come in steps. */
  confidence: number
}

/** Middle value; the mean of the two middle ones for an even number. Null for none. */
export function median(values: readonly number[]): number | null {
  const sorted = ascending(values)
  const upper = sorted[sorted.length >>> 1]
  const lower = sorted[(sorted.length - 1) >>> 1]
  return upper === undefined || lower === undefined ? null : upper === lower ? upper : (lower + upper) / 2
}

/**
 * Interval for the median from the r-th smallest to the r-th largest value: it misses the median only if fewer than r
 * values fall on one side, with probability 2 · P(Bin(n, ½) < r). Null when n is too small (below 6 for 95 %).
 */
export function medianInterval(values: readonly number[], confidence = 0.95): Interval | null {
  const sorted = ascending(values)
  const n = sorted.length
  let best: Interval | null = null
  for (let r = 1; r <= n / 2; r++) {
    const reached = 1 - 2 * binomialAtMost(r - 1, n, 0.5)
    const low = sorted[r - 1]
    const high = sorted[n - r]
    if (reached < confidence || low === undefined || high === undefined) break
    best = { low, high, confidence: reached }
  }
  return best
}

/** The largest value; null for none. */
export function worst(values: readonly number[]): number | null {
  // Not by spreading: a call does not take a hundred thousand arguments.
  return values.length === 0 ? null : values.reduce((most, value) => Math.max(most, value))
}

export interface ToleranceOptions {
  coverage?: number
  confidence?: number
}

/**
 * A value that at least `coverage` of all future trials stay under, with `confidence`: the smallest order statistic k
 * with P(Bin(n, coverage) < k) ≥ confidence. Null when n is too small (below 59 for 95/95).
 */
export function upperToleranceBound(
  values: readonly number[],
  { coverage = 0.95, confidence = 0.95 }: ToleranceOptions = {},
): number | null {
  const sorted = ascending(values)
  for (let k = 1; k <= sorted.length; k++) {
    if (binomialAtMost(k - 1, sorted.length, coverage) >= confidence) return sorted[k - 1] ?? null
  }
  return null
}

/**
 * Trials after which the worst value is an upper tolerance bound: the least n with 1 − coverageⁿ ≥ confidence. 59 for
 * 95/95.
 */
export function trialsNeeded({ coverage = 0.95, confidence = 0.95 }: ToleranceOptions = {}): number {
  return Math.ceil(Math.log(1 - confidence) / Math.log(coverage) - 1e-12)
}

/**
 * Exact one-sided upper limit (Clopper–Pearson) for the probability of something that was seen `events` times in
 * `trials`: the p at which seeing so few would happen with probability 1 − confidence only.
 */
export function shareAtMost(events: number, trials: number, confidence = 0.95): number {
  if (trials <= 0 || events >= trials) return 1
  if (events === 0) return 1 - (1 - confidence) ** (1 / trials)
  let low = events / trials
  let high = 1
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2
    if (binomialAtMost(events, trials, middle) > 1 - confidence) low = middle
    else high = middle
  }
  return high
}

/** "At most 3/n": the 95 % limit for something never seen in n trials, good from about n = 30 on. At most 1. */
export function ruleOfThree(trials: number): number {
  return trials <= 3 ? 1 : 3 / trials
}

/** Trials without an event that it takes to claim "at most `share`" with this confidence. 299 for 1 % at 95 %. */
export function trialsNeededForShare(share: number, confidence = 0.95): number {
  return Math.ceil(Math.log(1 - confidence) / Math.log(1 - share) - 1e-12)
}

/** P(Bin(n, p) ≤ k), summed in logarithms so that large n neither under- nor overflow. */
export function binomialAtMost(k: number, n: number, p: number): number {
  if (k < 0) return 0
  if (k >= n || p <= 0) return 1
  if (p >= 1) return 0
  const odds = Math.log(p) - Math.log1p(-p)
  let logTerm = n * Math.log1p(-p)
  let sum = Math.exp(logTerm)
  for (let i = 1; i <= k; i++) {
    logTerm += Math.log(n - i + 1) - Math.log(i) + odds
    sum += Math.exp(logTerm)
  }
  return Math.min(1, sum)
}

function ascending(values: readonly number[]): number[] {
  return values.toSorted((a, b) => a - b)
}
