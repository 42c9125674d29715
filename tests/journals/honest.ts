/** Journals that are honestly met, synthetic ones and those of real trials: what lies are planted in. */
import type { JournalEvent } from '../../chaos/journal/schema.ts'
import { journal, type Story } from './build.ts'
import { golden, met } from './golden.ts'
import { realJournal, realJournals } from './real.ts'
import { lagUnknown, multiPrimary, onlyRoles, withoutDatabases } from './strangers.ts'
import { version3 } from './version-3.ts'

/** One app is killed after the other, and each comes back. */
function twoFaults(): Story {
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
}

/** The link between the regions is slow, and for 0.9 s nobody is served. */
function slowLink(fault: 'slow' | 'jitter', options: Record<string, number>): Story {
  return journal()
    .disturb(fault, 'pg-west-a', {
      target: { scope: 'link', sites: ['east', 'west'] },
      resolved: 'link east-west',
      with: options,
      nodes: [],
      links: ['link-east-west'],
      disturbed: [],
    })
    .outage({ toMs: 900 })
}

const parsed = (text: string): JournalEvent[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as JournalEvent)

const synthetic: Record<string, readonly JournalEvent[]> = {
  met: version3(met().terms().events()),
  uninterrupted: parsed(golden['uninterrupted']?.() ?? ''),
  'two-faults': version3(twoFaults().terms().events()),
  'slow-link': version3(slowLink('slow', { latencyMs: 80 }).terms().events()),
  'unsteady-link': version3(slowLink('jitter', { jitterMs: 40 }).events()),
  'met.version-2': met().events(),
}
export const syntheticOnes = Object.keys(synthetic)
export const realOnes = realJournals.map((name) => `${name} (real)`)

/** By name, as events. */
export const honest: ReadonlyMap<string, readonly JournalEvent[]> = new Map([
  ...Object.entries(synthetic),
  ...realJournals.map((name) => [`${name} (real)`, parsed(realJournal(name))] as const),
])

/** The same outage in worlds of other people. */
export const strangers: ReadonlyMap<string, readonly JournalEvent[]> = new Map([
  ['only-roles', onlyRoles(version3(met().events()))],
  ['no-databases', withoutDatabases(version3(met().events()))],
  ['multi-primary', multiPrimary(version3(met().events()))],
  ['lag-unknown', lagUnknown(version3(met().events()))],
])
