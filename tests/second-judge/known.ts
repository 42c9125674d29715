/** Where the first judge is known to differ, and why. A row goes when its reason has gone. */
import type { Difference } from './compare.ts'

interface Known {
  fields: string[]
  why: string
  applies: (difference: Difference) => boolean
}

export const known: Known[] = []

export function isKnown(difference: Difference): boolean {
  return known.some(({ fields, applies }) => fields.includes(difference.field) && applies(difference))
}
