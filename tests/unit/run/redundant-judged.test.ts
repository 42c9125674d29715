// Goal: what the run takes for redundant, the judge takes too; else a good trial is inconclusive over a few milliseconds.
// Method: databases say anything, in any order; wherever the run would record "redundant", the judge's rule is asked.
// Where nobody sees writes it is not: that trial is inconclusive in any case.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { JournalCollector } from '../../../chaos/journal/recorded.ts'
import type { JournalEvent } from '../../../chaos/journal/schema.ts'
import { caughtUpBytes, redundancyDefect } from '../../../chaos/judge/redundancy.ts'
import { View } from '../../../chaos/observers/view.ts'
import { redundancySeen } from '../../../chaos/run/redundant.ts'
import type { Topology } from '../../../chaos/topology/topology.ts'
import { worldOf } from './small-topology.ts'

const node = fc.constantFrom('pg1', 'pg2')

const role = fc.record({
  kind: fc.constant('database.role'),
  node,
  role: fc.constantFrom('primary', 'standby', 'unreachable', 'starting'),
  timeline: fc.constantFrom(null, 1, 2),
})
const writable = fc.record({ kind: fc.constant('database.writable'), node, accepting: fc.boolean() })
const replication = fc
  .record({ primary: node, state: fc.constantFrom('streaming', 'catchup') })
  .chain(({ primary, state }) =>
    fc.record({
      kind: fc.constant('database.replication'),
      primary: fc.constant(primary),
      standbys: fc.tuple(
        fc.record({
          node: fc.constant(primary === 'pg1' ? 'pg2' : 'pg1'),
          state: fc.constant(state),
          lagBytes: fc.constantFrom(null, 0, caughtUpBytes, caughtUpBytes + 1),
        }),
      ),
    }),
  )

/** How often the run took it for redundant. */
function check(topology: Topology, said: readonly object[]): number {
  const opened = { kind: 'trial.opened', schemaVersion: 3, topology, scenario: { objectives: {} } }
  const events = [opened, ...said].map((event, seq) => ({ seq, atMs: seq * 2_000, uncertaintyMs: 50, ...event }))
  const view = new View()
  let taken = 0
  for (const [seq, event] of events.entries()) {
    if (seq === 0) continue
    view.see(event as unknown as JournalEvent)
    const seen = redundancySeen(topology, view)
    if (typeof seen === 'string' || !view.areWritesSeen) continue
    taken++
    const collector = new JournalCollector()
    for (const each of events.slice(0, seq + 1)) collector.add(each as unknown as JournalEvent)
    const redundant = { kind: 'redundant', seq: seq + 1, atMs: event.atMs, ...seen }
    collector.add(redundant as unknown as JournalEvent)
    expect(redundancyDefect(collector.finish({ complete: true })), JSON.stringify(events.slice(1, seq + 1))).toBe(
      undefined,
    )
  }
  return taken
}

test.for([
  ['of which one takes writes', { 'database.engine': 'postgres' }],
  ['that all take writes', { 'database.engine': 'mariadb', 'database.multi-primary': 'true' }],
] as const)('databases %s', ([, attributes]) => {
  const topology = worldOf({ ...attributes })
  let taken = 0
  fc.assert(
    fc.property(fc.array(fc.oneof(role, writable, replication), { minLength: 6, maxLength: 20 }), (said) => {
      taken += check(topology, said)
    }),
    { numRuns: 5_000 },
  )
  expect(taken).toBeGreaterThan(100)
})
