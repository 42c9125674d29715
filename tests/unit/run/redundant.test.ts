// Goal: a world is redundant again when its databases say so, and nobody waits for a word that no database of its kind has.
import { expect, test } from 'vitest'
import type { EventOf, JournalEvent } from '../../../chaos/journal/schema.ts'
import { View } from '../../../chaos/observers/view.ts'
import { untilRedundant } from '../../../chaos/run/redundant.ts'
import type { Topology } from '../../../chaos/topology/topology.ts'
import { worldOf } from './small-topology.ts'

/** What is recorded of a world whose databases have said these things; nothing if it would wait. */
async function recorded(
  topology: Topology,
  said: object[],
  signal = AbortSignal.timeout(300),
): Promise<JournalEvent[]> {
  const view = new View()
  for (const event of said) view.see({ seq: 0, atMs: 0, timeline: null, ...event } as JournalEvent)
  const events: JournalEvent[] = []
  const record = ((event: EventOf<'redundant'>) => void events.push(event)) as never
  await untilRedundant({ topology, view, record, signal })
  return events
}

const takesWrites = (node: string) => [
  { kind: 'database.role', node, role: 'primary' },
  { kind: 'database.writable', node, accepting: true },
]
const followedBy = (primary: string, node: string) => ({
  kind: 'database.replication',
  primary,
  standbys: [{ node, state: 'streaming', sync: 'sync', lagBytes: 0 }],
})

const galera = { 'database.engine': 'mariadb', 'database.multi-primary': 'true' }

test.for([
  ['pg1', 'pg2'],
  ['pg2', 'pg1'],
] as const)(
  'of members that all take writes, the word of %s is as good as that of another',
  async ([first, second]) => {
    const said = [...takesWrites('pg1'), ...takesWrites('pg2'), followedBy(second, first), followedBy(first, second)]
    expect(await recorded(worldOf(galera), said)).toEqual([{ kind: 'redundant', primary: first, standbys: [second] }])
  },
)

test('of members that all take writes, one that takes none is waited for', async () => {
  const refuses = { kind: 'database.writable', node: 'pg2', accepting: false }
  expect(await recorded(worldOf(galera), [...takesWrites('pg1'), refuses, followedBy('pg1', 'pg2')])).toEqual([])
})

test('the word of a member that takes no writes says nothing', async () => {
  const refuses = { kind: 'database.writable', node: 'pg2', accepting: false }
  expect(await recorded(worldOf(galera), [...takesWrites('pg1'), refuses, followedBy('pg2', 'pg1')])).toEqual([])
})

test('one that came back as the primary that it was is waited for, though the new one counts it', async () => {
  const back = (role: string) => ({ kind: 'database.role', node: 'pg2', role })
  const said = [...takesWrites('pg1'), followedBy('pg1', 'pg2')]
  expect(await recorded(worldOf({ 'database.engine': 'redis' }), [...said, back('primary')])).toEqual([])
  expect(await recorded(worldOf({ 'database.engine': 'redis' }), [...said, back('standby')])).toEqual([
    { kind: 'redundant', primary: 'pg1', standbys: ['pg2'] },
  ])
})

test.for([
  ['mariadb', 'unreachable', 'primary'],
  ['postgres', 'unreachable', 'standby'],
  ['postgres', 'starting', 'standby'],
] as const)(
  'of a %s that was %s when it was last asked, it is waited for that it says what it is',
  async ([engine, away, back]) => {
    const world = worldOf(engine === 'mariadb' ? galera : { 'database.engine': engine })
    const is = (role: string) => ({ kind: 'database.role', node: 'pg2', role })
    const commits = engine === 'mariadb' ? [{ kind: 'database.writable', node: 'pg2', accepting: true }] : []
    const said = [...takesWrites('pg1'), is(away), ...commits, followedBy('pg1', 'pg2')]
    expect(await recorded(world, said)).toEqual([])
    expect(await recorded(world, [...said, is(back)])).toEqual([
      { kind: 'redundant', primary: 'pg1', standbys: ['pg2'] },
    ])
  },
)

test('where nobody sees writes, none is waited for', async () => {
  const is = (node: string, role: string) => ({ kind: 'database.role', node, role })
  const said = [is('pg1', 'primary'), is('pg2', 'standby'), followedBy('pg1', 'pg2')]
  const world = worldOf({ 'database.engine': 'postgres' })
  expect(await recorded(world, said)).toEqual([{ kind: 'redundant', primary: 'pg1', standbys: ['pg2'] }])
  const refuses = { kind: 'database.writable', node: 'pg1', accepting: false }
  expect(await recorded(world, [...said, refuses])).toEqual([])
})

test('databases of which only the role is known are not waited for', async () => {
  const signal = AbortSignal.timeout(20_000)
  expect(await recorded(worldOf({ 'database.engine': 'http' }), [], signal)).toEqual([])
  expect(signal.aborted).toBe(false)
})

test('a database that told nobody who follows it is not waited for, and that is said', async () => {
  const events = await recorded(worldOf({ 'database.engine': 'postgres' }), takesWrites('pg1'))
  expect(events).toEqual([
    {
      kind: 'note',
      text: 'when the database is redundant again is not observed: no database has told who follows it',
    },
  ])
})
