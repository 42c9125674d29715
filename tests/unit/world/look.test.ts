// Goal: a look at a world in ruins is a look all the same. Containers that do not run publish no port, and nobody
// answers for them.
import { expect, test } from 'vitest'
import { addresses } from '../../../chaos/cli/addresses.ts'
import { drawStatus } from '../../../chaos/cli/status.ts'
import { lookAt } from '../../../chaos/world/look.ts'
import { notReady } from '../../../chaos/world/ready.ts'
import { topology } from '../../journals/world.ts'

const ruins = { ...topology, nodes: topology.nodes.map((node) => ({ ...node, ports: {} })) }

test('nobody is primary, every database is told to be down, and no link is called sound', async () => {
  const look = await lookAt(ruins)
  expect(look.databases.map(({ role, note }) => [role, note])).toEqual(
    look.databases.map(() => ['silent', 'does not run']),
  )
  expect(look.databases.length).toBeGreaterThan(1)
  expect(look).toMatchObject({ dcsLeader: null, edges: [] })
  const text = drawStatus(
    { world: 'ruins', containers: 9, missing: [], faults: [], owner: undefined, look },
    { colour: false, width: 80 },
  ).join('\n')
  expect(text).toContain('primary     none')
  expect(text).not.toMatch(/ ms/)
})

test('what is missing is told, one sentence a node, and addresses are told of nobody', async () => {
  const missing = await notReady(ruins)
  for (const { name } of topology.nodes.filter(({ role }) => role === 'database'))
    expect(missing.filter((line) => line.startsWith(name))).toEqual([`${name}: does not run`])
  expect(addresses(ruins)).not.toContain('undefined')
})
