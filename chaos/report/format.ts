/** Numbers as people read them. One place, so that the page, the terminal and the summary never disagree. */

export const notMeasured = 'not measured'

/** A length in the unit that keeps it readable: `412 ms`, `22.41 s`, `3 s`, `12.5 min`. */
export function duration(ms: number): string {
  const size = Math.abs(ms)
  if (size === 0) return '0 ms'
  if (size < 1) return `${trimZeros(ms.toFixed(1))} ms`
  if (Math.round(size) < 1000) return `${Math.round(ms)} ms`
  if (size % 1000 === 0 && size < 600_000) return `${ms / 1000} s`
  if (size < 60_000) return `${(ms / 1000).toFixed(2)} s`
  if (size < 600_000) return `${(ms / 1000).toFixed(1)} s`
  return `${trimZeros((ms / 60_000).toFixed(1))} min`
}

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

/** `12,400`. Written out instead of Intl, so that a report does not depend on the reader's locale data. */
export function count(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ',')
}

export function countOrNot(value: number | null | undefined): string {
  return value === null || value === undefined ? notMeasured : count(value)
}

/** `1 write`, `3 writes`. */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`
}

/** A share of 0 to 1 as a percentage that never rounds "some" to "none" or "almost all" to "all". */
export function percentage(share: number): string {
  const text = (share * 100).toFixed(1)
  if (share > 0 && text === '0.0') return '< 0.1 %'
  if (share < 1 && text === '100.0') return '> 99.9 %'
  return `${trimZeros(text)} %`
}

/**
 * Text without anything a terminal would act on: control characters, escapes, and what nobody sees, such as marks that
 * reverse the reading direction.
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

function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}

/** A text of somebody else's, at most so many characters of it: the journal has the rest. */
export function clipped(text: string, atMost = 1_000): string {
  return text.length <= atMost ? text : `${text.slice(0, atMost)}… (${count(text.length)} characters in all)`
}
