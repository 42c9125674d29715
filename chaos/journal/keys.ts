/**
 * Whether a line says a thing twice. Of two values of one key the later one counts for JSON.parse, and the first one that
 * a person reads says otherwise.
 */
import { endOfQuoted } from './limits.ts'

/** How many keys a JSON text has, in all its objects: each has one colon outside of quotes. */
function keysIn(text: string): number {
  let keys = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    // A list of what is stored is megabytes in quotes.
    if (code === 0x22) i = endOfQuoted(text, i + 1)
    else if (code === 0x3a) keys++
  }
  return keys
}

/** The same of what it was parsed to. */
function keysOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  const parts = Object.values(value)
  return parts.reduce<number>((sum, part) => sum + keysOf(part), Array.isArray(value) ? 0 : parts.length)
}

/** `value`: what `text` was parsed to. */
export function saysTwice(text: string, value: unknown): boolean {
  return keysIn(text) !== keysOf(value)
}
