/** Lengths and moments as the reports write them. */

/** `81 ms`, `3.6 s`. */
export function duration(ms) {
  if (Math.round(ms) >= 1000) return `${Number((ms / 1000).toFixed(3))} s`
  return `${Number(ms.toFixed(ms < 10 ? 1 : 0))} ms`
}

/** Relative to the fault: `+22.412 s`, `−3.000 s`. */
export function offset(ms) {
  const text = (Math.abs(ms) / 1000).toFixed(3)
  return text === '0.000' ? '0.000 s' : `${ms < 0 ? '−' : '+'}${text} s`
}

/** A moment of the trial: from the fault, once there was one. */
export function moment(atMs, zeroMs) {
  return zeroMs === null ? `${(atMs / 1000).toFixed(3)} s` : offset(atMs - zeroMs)
}

/** For clocks that run: tenths of seconds, and minutes from a hundred seconds on. */
export function running(ms) {
  const tenths = Math.max(0, Math.floor(ms / 100)) / 10
  if (tenths < 100) return `${tenths.toFixed(1)} s`
  return `${Math.floor(tenths / 60)} min ${String(Math.floor(tenths % 60)).padStart(2, '0')} s`
}

export function cut(text, most) {
  return text.length <= most ? text : `${text.slice(0, Math.max(1, most - 1))}…`
}

export const signs = { met: '✓', missed: '✕', inconclusive: '?', open: '○' }
