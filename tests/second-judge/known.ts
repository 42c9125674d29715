/** Where the first judge is known to differ, and why. A row goes when its reason has gone. */
import type { Difference } from './compare.ts'

interface Known {
  fields: string[]
  why: string
  applies: (difference: Difference) => boolean
}

export const known: Known[] = [
  {
    fields: ['outcome', 'recoveredInMs', 'recover-within', 'verdict'],
    why: 'stray failures in good windows are taken for the end of a thin outage, up to two windows after the last bad one',
    applies: ({ field, first, second }) =>
      field === 'recoveredInMs'
        ? Number(first) > Number(String(second).split(' to ').at(-1))
        : (first === 'censored' && second === 'recovered') || (first !== 'met' && second === 'met'),
  },
  {
    fields: ['dualWritableMs'],
    why: 'rounded up without regard to the error of binary fractions: 5.0000000000009 ms are 6',
    applies: ({ first, second }) => Number(first) === Number(second) + 1,
  },
]

export function isKnown(difference: Difference): boolean {
  return known.some(({ fields, applies }) => fields.includes(difference.field) && applies(difference))
}
