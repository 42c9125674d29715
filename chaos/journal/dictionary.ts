/** Texts by small number, in the order in which they were met; 0 stands for "absent". */
import { Buffer } from 'node:buffer'
import { beyond } from './limits.ts'
import { type Literal, literal } from './literal.ts'

/** How many of the texts met last are known by their bytes; a power of two. */
const slots = 256

/** A text as it was met. */
export interface Met {
  code: number
  bytes: Uint8Array
  /** The text and the quotes around it; undefined where that is too short to be looked for. */
  quoted: Literal | undefined
}

export class Dictionary {
  readonly #codes = new Map<string, number>()
  readonly #texts: (string | undefined)[] = [undefined]
  readonly #what: string
  readonly #most: number
  /** The same few texts come again and again: a string is made only for one that is not the last met in its slot. */
  readonly #met: (Met | undefined)[] = new Array(slots).fill(undefined)

  /** @param what as the error calls the texts when there are more than `most` */
  constructor({ what, most }: { what: string; most: number }) {
    this.#what = what
    this.#most = most
  }

  /** @throws JournalLimitError */
  code(text: string | undefined): number {
    if (text === undefined) return 0
    const known = this.#codes.get(text)
    if (known !== undefined) return known
    if (this.#texts.length > this.#most) throw beyond(this.#what, this.#most)
    this.#codes.set(text, this.#texts.length)
    return this.#texts.push(text) - 1
  }

  /**
   * The ASCII text in `bytes[from, to)`. `hash`: any number that equal texts share.
   * @throws JournalLimitError
   */
  meet(bytes: Uint8Array, { from, to, hash }: { from: number; to: number; hash: number }): Met {
    const slot = hash & (slots - 1)
    const known = this.#met[slot]
    if (known !== undefined && isSame(known.bytes, bytes, from, to)) return known
    // A copy, whatever kind of array it is: the bytes are only lent.
    const copy = new Uint8Array(bytes.subarray(from, to))
    const text = Buffer.from(copy).toString('latin1')
    const met = { code: this.code(text), bytes: copy, quoted: text.length < 2 ? undefined : literal(`"${text}"`) }
    this.#met[slot] = met
    return met
  }

  text(code: number): string | undefined {
    return this.#texts[code]
  }
}

function isSame(text: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (text.length !== to - from) return false
  for (let i = 0; i < text.length; i++) if (text[i] !== bytes[from + i]) return false
  return true
}
