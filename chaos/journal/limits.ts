/**
 * How much a journal may hold, and why. A million events are judged within 3 s and 300 MB. A file beyond these limits
 * is not a trial's journal, and reading stops at the line that exceeds them.
 */

/** 1 MiB, in bytes: a world of a thousand nodes takes less than half of it. */
export const longestLine = 2 ** 20
/** 32 MiB, in bytes, for audits, which list what is stored: of five million arrivals every other one takes 20 MB. */
export const longestAuditLine = 32 * 2 ** 20
/**
 * How deep braces and brackets may be nested. Our own events have five levels; printing a very deep value overflows the
 * stack.
 */
export const deepestNesting = 64
/**
 * Eleven days before or after the trial's start, in milliseconds: the longest scenario takes two. Far beyond, a number
 * no longer holds single milliseconds, and a loop that counts in steps would never end.
 */
export const farthestMs = 1e9
/** What a Date can hold, in milliseconds since the epoch. */
export const farthestWallMs = 8.64e15
/** Requests in one journal: twice what a scenario may ask for. */
export const mostRequestsRecorded = 10_000_000
/**
 * Different names of nodes, sites, routers and the like: each is a lane of the report, and pairs of them are compared.
 * One machine holds a few hundred.
 */
export const mostDistinctNames = 1_000

/** Beyond a limit; the reader adds the line. */
export class JournalLimitError extends Error {
  override readonly name = 'JournalLimitError'
}

export function beyond(what: string, limit: number): JournalLimitError {
  return new JournalLimitError(`more than ${limit} ${what}: no trial has as many`)
}

/**
 * Whether a JSON text opens more braces and brackets within each other than an event has. What is in quotes does not
 * count.
 */
export function isTooDeep(text: string): boolean {
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 0x22) i = endOfQuoted(text, i + 1)
    else if (code === 0x7b || code === 0x5b) {
      if (++depth > deepestNesting) return true
    } else if (code === 0x7d || code === 0x5d) depth--
  }
  return false
}

/** Index of the quote that ends what begins here; the text's length where there is none. */
export function endOfQuoted(text: string, from: number): number {
  for (let end = text.indexOf('"', from); end !== -1; end = text.indexOf('"', end + 1)) {
    let before = end
    while (before > from && text.charCodeAt(before - 1) === 0x5c) before--
    // An even number of backslashes stand for themselves.
    if ((end - before) % 2 === 0) return end
  }
  return text.length
}
