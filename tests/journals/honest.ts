/** Journals that are honestly met, synthetic ones and those of real trials: what lies are planted in. */
import type { JournalEvent } from '../../chaos/journal/schema.ts'
import { journal } from './build.ts'
import { golden } from './golden.ts'
import { realJournal, realJournals } from './real.ts'

/** One app is killed after the other, and each comes back. */
function twoFaults(): string {
  const killed = (node: string) => ({
    healMs: 3_000,
    told: {
      target: { scope: 'node', name: node } as const,
      nodes: [node],
      expectGone: { nodes: [node], edges: [] },
    },
  })
  return journal()
    .fault('kill', killed('app-east-a'))
    .fault('kill', { afterMs: 6_000, ...killed('app-west-a') })
    .text()
}

const parsed = (text: string): JournalEvent[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as JournalEvent)

const synthetic: Record<string, string> = {
  met: golden['met']?.() ?? '',
  uninterrupted: golden['uninterrupted']?.() ?? '',
  'two-faults': twoFaults(),
}
export const syntheticOnes = Object.keys(synthetic)
export const realOnes = realJournals.map((name) => `${name} (real)`)

/** By name, as events. */
export const honest: ReadonlyMap<string, readonly JournalEvent[]> = new Map([
  ...Object.entries(synthetic).map(([name, text]) => [name, parsed(text)] as const),
  ...realJournals.map((name) => [`${name} (real)`, parsed(realJournal(name))] as const),
])
