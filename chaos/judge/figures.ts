/**
 * How figures are written, in verdicts, reports and terminals alike: from one place, so that no two of them disagree.
 * `report/format.ts` has them all, with those that only a reader's page needs.
 */

/** A length of time as it was measured, to the millisecond: `22.413 s`, `800 ms`, `0.4 ms`. */
export function duration(ms: number): string {
  if (Math.round(Math.abs(ms)) >= 1000) return `${decimals(ms / 1000, 3)} s`
  return `${decimals(ms, Math.abs(ms) < 10 ? 1 : 0)} ms`
}

/** A moment of the trial: 4981 → "+4.981 s". */
export function moment(ms: number): string {
  return `+${(ms / 1000).toFixed(3)} s`
}

/** A share of 0 to 1: `14.1 %`. */
export function percent(share: number): string {
  return `${decimals(share * 100, 1)} %`
}

/** A number of things: `12400`. */
export function count(value: number): string {
  return String(value)
}

/** `1 write`, `3 writes`. */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`
}

/** How often: "once", "3 times". */
export function times(value: number): string {
  return value === 1 ? 'once' : `${value} times`
}

function decimals(value: number, places: number): string {
  return String(Number(value.toFixed(places)))
}
