// Goal: the state of a world at one look: what is broken and by whom, who plays which role, which links answer.
import { expect, test } from 'vitest'
import { drawStatus } from '../../../chaos/cli/status.ts'
import type { Edge } from '../../../chaos/world/look.ts'

const owner = { pid: 7, host: 'here', started: '1', command: 'blackstart drill --world blackstart' }
const both = (from: string, to: string, ms: number | null = 31): Edge[] => [
  { from, to, existingMs: ms, freshMs: ms, hears: ms !== null },
  { from: to, to: from, existingMs: ms, freshMs: ms, hears: ms !== null },
]
const world = {
  world: 'blackstart',
  containers: 23,
  missing: [],
  faults: [],
  owner: undefined,
  look: {
    databases: [
      { node: 'pg-east-a', role: 'primary' as const, timeline: 3, note: '' },
      { node: 'pg-west-a', role: 'standby' as const, timeline: 3, note: 'streaming, quorum' },
      { node: 'pg-west-b', role: 'silent' as const, timeline: null, note: 'connect ECONNREFUSED 127.0.0.1:18032' },
    ],
    dcsLeader: 'etcd-witness',
    entries: [{ node: 'router-1', accepts: true }],
    sites: ['east', 'west', 'witness'],
    edges: [...both('east', 'west'), ...both('east', 'witness'), ...both('west', 'witness', null)],
  },
}
const entry = (faultId: string, by = owner) => ({
  faultId,
  what: 'blackhole link west-witness',
  world: 'blackstart',
  writtenAt: new Date(Date.now() - 12_000).toISOString(),
  owner: by,
  undo: { do: 'remove-rules' as const, links: ['link-west-witness'] },
})
const draw = (changes: Partial<Parameters<typeof drawStatus>[0]> = {}, width = 80) =>
  drawStatus({ ...world, ...changes }, { colour: false, width })

test('a sound world', () => {
  const text = draw().join('\n')
  expect(text).toMatch(/^blackstart: 23 containers, ready\n/)
  expect(text).toMatch(/faults\n +none\n/)
  expect(text).toContain('primary     pg-east-a, timeline 3')
  expect(text).toContain('standbys    pg-west-a: streaming, quorum, timeline 3')
  expect(text).toContain('DCS leader  etcd-witness')
})

test('the matrix has a row a site, a cell a direction, and says which kind of connection is lost', () => {
  const halfOpen: Edge[] = [
    ...both('east', 'west'),
    { from: 'east', to: 'witness', existingMs: null, freshMs: 30, hears: true },
    { from: 'witness', to: 'east', existingMs: 30, freshMs: null, hears: true },
    ...both('west', 'witness', null),
  ]
  const lines = draw({ look: { ...world.look, edges: halfOpen } })
  const head = lines.findIndex((line) => line.includes('to east'))
  expect(lines.slice(head, head + 4).map((line) => line.trim().split(/ {2,}/))).toEqual([
    ['to east', 'to west', 'to witness'],
    ['east', '·', '31 ms', 'new only'],
    ['west', '31 ms', '·', 'silent'],
    ['witness', 'old only', 'silent', '·'],
  ])
})

test('a site whose beacon cannot be asked is unknown from its own end, and not called sound', () => {
  const lines = draw({ look: { ...world.look, edges: world.look.edges.filter(({ from }) => from !== 'west') } })
  expect(
    lines
      .find((line) => /^ +west +/.test(line))
      ?.trim()
      .split(/ {2,}/),
  ).toEqual(['west', '?', '·', '?'])
})

test('active faults are told with what they are and since when; one whose harness is gone says how to mend it', () => {
  expect(draw({ owner, faults: [entry('f1')] })).toContain('  f1   blackhole link west-witness, for 12 s')
  const orphan = draw({ owner: undefined, faults: [entry('f1')] })
  expect(orphan.at(orphan.findIndex((line) => line.includes('f1')) + 1)).toContain('left behind: "npx blackstart heal"')
})

test('what is missing is told, and a world without a primary says none', () => {
  const text = draw({
    missing: ['pg-west-b: refused'],
    look: { ...world.look, databases: world.look.databases.slice(1), dcsLeader: null },
  }).join('\n')
  expect(text).toMatch(/not ready/)
  expect(text).toContain('primary     none')
  expect(text).toContain('DCS leader  none')
  expect(text).toMatch(/missing\n {2}pg-west-b: refused/)
})

test('a world without a DCS says nothing of its leader', () => {
  const { dcsLeader: _, ...look } = world.look
  expect(draw({ look }).join('\n')).not.toContain('DCS')
})

test('a connection to a port that no link carries is told', () => {
  const text = draw({ strays: ['api-2 tried db-1:5433, which no link carries'] }).join('\n')
  expect(text).toMatch(/not carried\n {2}api-2 tried db-1:5433/)
})

test.each([80, 60])('no line is wider than %i columns', (width) => {
  const lines = draw(
    {
      owner,
      faults: [entry('f1'), entry('f2', { ...owner, pid: 8 })],
      missing: Array.from(
        { length: 12 },
        (_, n) => `node-${n} does not answer (connect ECONNREFUSED 127.0.0.1:18032, and again)`,
      ),
    },
    width,
  )
  for (const line of lines) expect([...line].length, line).toBeLessThanOrEqual(width)
  expect(lines.at(-1)).toContain('and 4 more')
})
