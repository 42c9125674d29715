/**
 * Sets of arrival numbers as the audit writes them: ascending ranges, "0-811,813,820-900".
 *
 * Where every other arrival is a read, each write is a range of its own. So a list is read digit by digit, and kept in
 * two columns: as split texts and boxed numbers, the four lists of a million arrivals took half a gigabyte.
 */

/** The greatest number that a list may hold: the table of requests keeps numbers in 32 bits. */
export const greatestNumber = 0xffff_ffff

const zero = 0x30
const nine = 0x39
const comma = 0x2c
const dash = 0x2d

export class Ranges {
  readonly #starts: Uint32Array
  readonly #ends: Uint32Array
  /** How many numbers are in it. */
  readonly size: number
  /** Where the number asked for last is, or would be: numbers are mostly asked for in their order. */
  #at = 0

  /** Both columns ascend, and no range touches the one before. */
  constructor(starts: Uint32Array, ends: Uint32Array) {
    this.#starts = starts
    this.#ends = ends
    this.size = this.sizeUpTo(greatestNumber)
  }

  has(n: number): boolean {
    if (n > this.#endOf(this.#at)) this.#at++
    if (n <= this.#endOf(this.#at - 1) || n > this.#endOf(this.#at)) this.#at = this.#find(n)
    return (this.#starts[this.#at] ?? Infinity) <= n
  }

  /** How many of them are no greater than this. */
  sizeUpTo(most: number): number {
    let size = 0
    for (let i = 0; i < this.#starts.length; i++) {
      const start = this.#starts[i] ?? 0
      if (start > most) break
      size += Math.min(this.#ends[i] ?? start, most) - start + 1
    }
    return size
  }

  #endOf(i: number): number {
    return i < 0 ? -1 : (this.#ends[i] ?? Infinity)
  }

  /** The first range that does not end before this number; the count of ranges if there is none. */
  #find(n: number): number {
    let low = 0
    let high = this.#ends.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#ends[middle] ?? Infinity) < n) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** Null when the text is no ascending list of ranges: then nothing can be said about what is stored. */
export function parseRanges(text: string): Ranges | null {
  if (text === '') return new Ranges(new Uint32Array(), new Uint32Array())
  const pieces = countOf(comma, text) + 1
  const starts = new Uint32Array(pieces)
  // The same column as long as each is a single number.
  let ends = starts
  let piece = 0
  let last = -1
  // Below 0: not read yet.
  let start = -1
  let value = -1
  for (let i = 0; i <= text.length; i++) {
    const code = i === text.length ? comma : text.charCodeAt(i)
    if (code >= zero && code <= nine) {
      value = (value < 0 ? 0 : value * 10) + code - zero
      if (value > greatestNumber) return null
    } else if (value < 0) return null
    else if (code === dash && start < 0) {
      if (ends === starts) ends = starts.slice()
      start = value
      value = -1
    } else if (code === comma) {
      const from = start < 0 ? value : start
      if (from <= last || value < from) return null
      starts[piece] = from
      ends[piece++] = value
      last = value
      start = -1
      value = -1
    } else return null
  }
  return new Ranges(starts, ends)
}

function countOf(code: number, text: string): number {
  let count = 0
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) === code) count++
  return count
}

export function formatRanges(ascending: Iterable<number>): string {
  const pieces: string[] = []
  let start: number | undefined
  let end = -1
  const close = (): void => {
    if (start !== undefined) pieces.push(start === end ? `${start}` : `${start}-${end}`)
  }
  for (const n of ascending) {
    if (start === undefined || n !== end + 1) {
      close()
      start = n
    }
    end = n
  }
  close()
  return pieces.join(',')
}
