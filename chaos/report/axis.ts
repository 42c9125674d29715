/** The time axis that every figure of a report shares: seconds from T0, negative before it. */

export interface Axis {
  fromMs: number
  toMs: number
  /** Where the axis says 0: the moment the fault was requested, or the trial's start when there was none. */
  zeroMs: number
}

/** Place on the axis, 0 to 1; outside the axis it is clamped to the nearer end. */
export function shareOf(axis: Axis, ms: number): number {
  const length = axis.toMs - axis.fromMs
  if (length <= 0) return 0
  return Math.min(1, Math.max(0, (ms - axis.fromMs) / length))
}

export function percentOf(axis: Axis, ms: number): string {
  return `${(shareOf(axis, ms) * 100).toFixed(3)}%`
}

/** Step of 1, 2 or 5 times a power of ten that cuts a length into at most so many pieces. */
export function niceStep(length: number, atMost: number): number {
  const rough = Math.max(length / atMost, Number.EPSILON)
  const power = 10 ** Math.floor(Math.log10(rough))
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= rough * (1 - 1e-9)) ?? 10
  return factor * power
}

export interface Tick {
  ms: number
  label: string
}

/** Round moments on the axis, at most `atMost` of them. */
export function ticks(axis: Axis, atMost: number): Tick[] {
  const stepMs = niceStep(axis.toMs - axis.fromMs, atMost)
  const decimals = Math.max(0, Math.ceil(-Math.log10(stepMs / 1000) - 1e-9))
  const found: Tick[] = []
  for (
    let index = Math.ceil((axis.fromMs - axis.zeroMs) / stepMs - 1e-9);
    index * stepMs <= axis.toMs - axis.zeroMs + 1e-6;
    index += 1
  ) {
    const seconds = (Math.abs(index * stepMs) / 1000).toFixed(decimals)
    found.push({ ms: axis.zeroMs + index * stepMs, label: index === 0 ? '0' : `${index < 0 ? '−' : '+'}${seconds}` })
  }
  return found
}

/**
 * A closer look at the outage, or null when it already fills a good part of the whole axis. `endMs` is the last moment
 * of interest: recovered, or what came last of the promotion when clients were never interrupted.
 */
export function closeUp(whole: Axis, endMs: number | null): Axis | null {
  if (endMs === null || endMs <= whole.zeroMs) return null
  const lengthMs = endMs - whole.zeroMs
  const fromMs = Math.max(whole.fromMs, whole.zeroMs - Math.max(500, lengthMs * 0.25))
  const toMs = Math.min(whole.toMs, endMs + Math.max(1000, lengthMs * 0.4))
  return (toMs - fromMs) * 2.5 < whole.toMs - whole.fromMs ? { fromMs, toMs, zeroMs: whole.zeroMs } : null
}
