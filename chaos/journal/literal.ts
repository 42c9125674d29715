/** A text that is looked for in bytes word by word, which takes a third of the time of byte by byte. */
import { Buffer } from 'node:buffer'

export const wordBytes = 4

export interface Literal {
  /** Its length. */
  bytes: number
  /** Big-endian. The last one overlaps the one before where the length is no multiple of a word's. */
  words: Uint32Array
}

/** The text as it is looked for. ASCII; one that is shorter than a word has no words, and is not to be looked for. */
export function literal(text: string): Literal {
  const bytes = Buffer.from(text, 'latin1')
  const words = new Uint32Array(bytes.length < wordBytes ? 0 : Math.ceil(bytes.length / wordBytes))
  for (let i = 0; i < words.length; i++)
    words[i] = bytes.readUInt32BE(Math.min(wordBytes * i, bytes.length - wordBytes))
  return { bytes: bytes.length, words }
}
