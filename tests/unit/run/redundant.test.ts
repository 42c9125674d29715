// Goal: members that all take writes are redundant again when each of them does, whoever of them told last; where nobody
// tells who follows whom, nobody is waited for.
import { expect, test } from 'vitest'
import type { EventBody, JournalEvent } from '../../../chaos/journal/schema.ts'
import { View } from '../../../chaos/observers/view.ts'
import { untilRedundant } from '../../../chaos/run/redundant.ts'
import type { Topology } from '../../../chaos/topology/topology.ts'

const names = ['db-1', 'db-2', 'db-3']
const world = (attributes: Record<string, string>): Topology => ({
  world: 'paper',
  sites: [{ name: 'east', kind: 'region' }],
  nodes: names.map((name) => ({ name, role: 'database', site: 'east', ports: {}, attributes })),
  links: [],
  timeouts: {},
})
const seen = (body: EventBody): JournalEvent => ({ seq: 0, atMs: 0, ...body })
const accepts = (node: string) =>
  seen({ kind: 'database.writable', node, accepting: true, timeline: null, commitMs: 0, uncertaintyMs: 0 })
const tells = (primary: string) =>
  seen({
    kind: 'database.replication',
    primary,
    standbys: names
      .filter((name) => name !== primary)
      .map((node) => ({ node, state: 'streaming', sync: 'sync', lagBytes: 0 })),
  })

async function waited(topology: Topology, events: readonly JournalEvent[]): Promise<EventBody[]> {
  const view = new View()
  for (const event of events) view.see(event)
  const told: EventBody[] = []
  await untilRedundant({
    topology,
    view,
    record: (body) => void told.push(body),
    signal: AbortSignal.timeout(2_000),
  })
  return told
}

test('of members that all take writes, any may tell of the others', async () => {
  const events = [...names.map(accepts), tells('db-1'), tells('db-3')]
  expect(await waited(world({ 'database.multi-primary': 'true' }), events)).toEqual([
    { kind: 'redundant', primary: 'db-3', standbys: ['db-1', 'db-2'] },
  ])
})

test('where a URL says the role, nobody is waited for', async () => {
  expect(await waited(world({ 'database.engine': 'http' }), [])).toEqual([])
})
