/**
 * Figures and texts as people read them: on the page, at the terminal, in the summary. Lengths and counts are written as
 * the judge writes them.
 */
import { count, counted, duration, percent } from '../judge/figures.ts'

export { count, counted, duration }

export const notMeasured = 'not measured'

export function durationOrNot(ms: number | null | undefined): string {
  return ms === null || ms === undefined ? notMeasured : duration(ms)
}

/** A moment relative to T0, always in seconds with milliseconds: `+22.412 s`, `−3.000 s`. */
export function offset(ms: number): string {
  const text = (Math.abs(ms) / 1000).toFixed(3)
  if (text === '0.000') return '0.000 s'
  return `${ms < 0 ? '−' : '+'}${text} s`
}

export function offsetOrNot(ms: number | null | undefined, zeroMs: number): string {
  return ms === null || ms === undefined ? notMeasured : offset(ms - zeroMs)
}

export function countOrNot(value: number | null | undefined): string {
  return value === null || value === undefined ? notMeasured : count(value)
}

/** A share of 0 to 1 as a percentage that never rounds "some" to "none" or "almost all" to "all". */
export function percentage(share: number): string {
  const text = percent(share)
  if (share > 0 && text === percent(0)) return '< 0.1 %'
  return share < 1 && text === percent(1) ? '> 99.9 %' : text
}

/** How long work of our own took, where tenths of a second are enough: `81.3 s`, and `21.3 min` from ten minutes on. */
export function elapsed(ms: number): string {
  return ms < 600_000 ? `${(ms / 1000).toFixed(1)} s` : `${(ms / 60_000).toFixed(1)} min`
}

/** A moment of a trial in which nothing has been broken yet, from its start: `8.988 s`. */
export function sinceStart(ms: number): string {
  return `${(ms / 1000).toFixed(3)} s`
}

/**
 * Text without anything a terminal would act on: control characters, escapes, and invisible characters, such as marks
 * that reverse the reading direction.
 */
export function plain(text: string): string {
  return text
    .replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029]+/g, ' ')
    .replace(/[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, '')
}

/**
 * The same value with every text in it plain. What is drawn for a terminal begins with this, so that no text in it can
 * be forgotten.
 */
export function plainly<T>(value: T): T {
  if (typeof value === 'string') return plain(value) as T
  if (Array.isArray(value)) return value.map(plainly) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [plain(key), plainly(each)])) as T
}

export function listed(names: readonly string[]): string {
  if (names.length < 2) return names.join('')
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`
}

/** A text from outside, cut to so many characters: the journal has the rest. */
export function clipped(text: string, atMost = 1_000): string {
  return text.length <= atMost ? text : `${text.slice(0, atMost)}… (${count(text.length)} characters in all)`
}
