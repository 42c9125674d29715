/** When which database committed the probe write, from its first to its last answered commit. */
import { derived } from './derived.ts'

/** A node accepted writes throughout. Moments on the trial's clock, in milliseconds. */
export interface Spell {
  node: string
  fromMs: number
  toMs: number
}

/** Two nodes accepted writes at once. */
export interface Overlap {
  nodes: string[]
  fromMs: number
  toMs: number
}

/** Sorted by their start. The spell that is still open at the end of the journal lasts until there. */
export const writableSpells = derived((journal): readonly Spell[] => {
  const spells: Spell[] = []
  const open = new Map<string, number>()
  for (const event of journal.of('database.writable')) {
    const fromMs = open.get(event.node)
    if (event.accepting) {
      if (fromMs === undefined) open.set(event.node, event.commitMs ?? event.atMs)
    } else if (fromMs !== undefined) {
      // Without the last commit's time, the last sample that still showed the old state is the best there is.
      spells.push({
        node: event.node,
        fromMs,
        toMs: Math.max(fromMs, event.commitMs ?? event.atMs - event.uncertaintyMs),
      })
      open.delete(event.node)
    }
  }
  for (const [node, fromMs] of open) spells.push({ node, fromMs, toMs: Math.max(fromMs, journal.lastAtMs) })
  return spells.toSorted((a, b) => a.fromMs - b.fromMs || a.node.localeCompare(b.node))
})
