/** Where the first judge is known to differ, and why. A row goes when its reason has gone. */
import type { RecordedJournal } from '../../chaos/journal/recorded.ts'
import type { Difference } from './compare.ts'

interface Known {
  fields: string[]
  why: string
  applies: (difference: Difference, journal: RecordedJournal) => boolean
}

export const known: Known[] = [
  {
    fields: ['outcome'],
    why: 'that requests failed in no bad window has no name of its own yet',
    applies: ({ first, second }) => first === 'uninterrupted' && second === 'some-failed',
  },
  {
    fields: ['outcome', 'recoveredInMs', 'recover-within'],
    why: 'one failure makes a window bad where the share allows none',
    applies: (_, journal) => journal.opened.scenario.objectives.window.successShare > 0.99,
  },
  {
    fields: ['blastRadius', 'writes', 'failedWrites', 'writeP99Ms', 'write-p99', 'failingMs', 'timeToFirstSuccessMs'],
    why: 'only requests due after T0 are counted, for the blast radius only until recovery',
    applies: () => true,
  },
  {
    fields: ['verdict'],
    why: 'writes that were under way at T0 are not counted; gaps of observers after recovery are not looked at',
    applies: ({ second }) => /^(?:a database was not asked for a while|write-p99|; )+$/.test(String(second)),
  },
]

export function isKnown(difference: Difference, journal: RecordedJournal): boolean {
  return known.some(({ fields, applies }) => fields.includes(difference.field) && applies(difference, journal))
}
