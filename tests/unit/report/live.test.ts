import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { EventBody, JournalEvent } from '../../../chaos/journal/schema.ts'
import { type LiveOptions, liveDisplay } from '../../../chaos/live/live.ts'
import { textWidth } from '../../../chaos/report/text.ts'
import { journal, t0Ms } from './fixture-journal.ts'

vi.setConfig({ testTimeout: 60_000 })
const outage = journal()

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Plays a journal at its own pace on fake time; what was written, and each write by itself. */
function play(
  events: readonly JournalEvent[],
  options: Partial<LiveOptions> = {},
  untilMs = Infinity,
): { text: string; writes: string[] } {
  const writes: string[] = []
  let nowMs = 0
  const display = liveDisplay({
    stream: { write: (text) => writes.push(text) },
    colour: false,
    isTTY: false,
    width: 80,
    clock: () => nowMs,
    ...options,
  })
  for (const event of events) {
    if (event.atMs > untilMs) break
    if (event.atMs > nowMs + 10) {
      vi.advanceTimersByTime(event.atMs - nowMs)
      nowMs = event.atMs
    }
    display.record(event)
  }
  display.stop()
  return { text: writes.join(''), writes }
}

test('the news tells the story of the outage in seconds from the fault', () => {
  const { text } = play(outage)
  for (const line of [
    /^ +0\.000 s {2}fault requested: kill region east$/m,
    /^ +\+0\.240 s {2}fault proved: 6 of 6 beacon edges/m,
    /^ +\+2\.\d+ s {2}requests fail: a write, request timeout$/m,
    /^ +\+19\.650 s {2}leader key gone$/m,
    /^ +\+20\.080 s {2}leader key held by pg-west-a$/m,
    /^ +\+21\.690 s {2}pg-west-a accepts writes/m,
    /^ +\+22\.210 s {2}router-1 sends writes to app-west-a and app-west-b$/m,
    /clients are served again: no failure since \+2\d\.\d+ s$/m,
    /^ +\+40\.000 s {2}heal proved/m,
    /^ +\+48\.300 s {2}redundant again/m,
  ])
    expect(text).toMatch(line)
})

test('each thing is told once', () => {
  const { text } = play(outage)
  for (const words of ['requests fail', 'leader key gone', 'clients are served again', 'fault requested'])
    expect(text.split(words)).toHaveLength(2)
})

test('several members that tell of the same leader make one line, an old revision none', () => {
  const leader = (
    atMs: number,
    member: string,
    holder: string | null,
    revision: number,
  ): { atMs: number; body: EventBody } => ({
    atMs,
    body: { kind: 'dcs.leader', member, leader: holder, revision, uncertaintyMs: 20 },
  })
  const { text } = play(
    journal({
      extra: [
        leader(t0Ms + 20_090, 'etcd-west', 'pg-west-a', 141),
        leader(t0Ms + 20_095, 'etcd-west', 'pg-east-a', 100),
      ],
    }),
  )
  expect(text.split('leader key held by pg-west-a')).toHaveLength(2)
  expect(text.split('leader key held by pg-east-a')).toHaveLength(2)
})

/** Writes on the old primary while the new one takes some already. */
const split = journal({
  extra: [
    {
      atMs: t0Ms + 30_000,
      body: {
        kind: 'database.writable',
        node: 'pg-east-a',
        accepting: true,
        timeline: 3,
        commitMs: t0Ms + 30_000,
        uncertaintyMs: 10,
      },
    },
  ],
})

test('two databases that accept writes raise the alarm', () => {
  expect(play(split).text).toContain('two databases accept writes: pg-east-a and pg-west-a')
  expect(play(outage).text).not.toContain('two databases accept writes')
})

test('where every database takes writes, two of them are no alarm', () => {
  const together = split.map((event) => {
    if (event.kind !== 'trial.opened') return event
    const nodes = event.topology.nodes.map((node) => ({
      ...node,
      attributes: { ...node.attributes, 'database.multi-primary': 'true' },
    }))
    return { ...event, topology: { ...event.topology, nodes } }
  })
  const { text } = play(together)
  expect(text).toContain('pg-east-a accepts writes')
  expect(text).not.toContain('two databases accept writes')
})

test('away from a terminal there are only lines: no escape, no carriage return, progress every ten seconds', () => {
  const { text } = play(outage)
  expect(text).not.toMatch(/[\x1b\r]/)
  expect((text.match(/\/s served/g) ?? []).length).toBeGreaterThanOrEqual(6)
  expect((text.match(/\/s served/g) ?? []).length).toBeLessThanOrEqual(9)
})

test('a line of progress tells the pace since the last one, also where answers come in bursts', () => {
  // Every five seconds nothing is learnt for 0.7 s, at moments that lie just before those of the lines: so it was on a
  // machine of two cores.
  const late = (atMs: number): number => {
    const sinceMs = (((atMs - progressAtMs) % 5_000) + 5_000) % 5_000
    return sinceMs > 4_300 ? atMs + 5_000 - sinceMs + 20 : atMs
  }
  const progressAtMs = 250
  const events = outage
    .map((event) => (event.kind === 'request' ? { ...event, atMs: late(event.atMs) } : event))
    .toSorted((a, b) => a.atMs - b.atMs)
  const { text } = play(events, { width: 160 })
  const told = [...text.matchAll(/(\d+)\/s served, 0\/s failed/g)].map(([, served]) => Number(served))
  expect(told.length).toBeGreaterThanOrEqual(3)
  for (const served of told) expect(Math.abs(served - 200), told.join()).toBeLessThanOrEqual(5)
})

test('on a terminal without colour nothing but the cursor moves', () => {
  const { text } = play(journal(), { isTTY: true })
  expect(text).toContain('\x1b[J')
  expect(text.match(/\x1b\[[0-9;]*m/)).toBeNull()
  expect(play(journal(), { isTTY: true, colour: true }).text).toMatch(/\x1b\[31m/)
})

test('the region shows pace, roles, links and faults, is redrawn at most five times a second and fits the width', () => {
  const { writes } = play(journal(), { isTTY: true, width: 60 }, t0Ms + 10_000)
  const frames = writes.filter((write) => write.includes('requests   '))
  expect(frames.length).toBeLessThanOrEqual(((t0Ms + 10_000) / 1000) * 5 + 20)
  const last = frames.at(-1) ?? ''
  expect(last).toMatch(/requests {3}1[12]\d\/s served, [78]\d\/s failed, p99 \d+ ms/)
  expect(last).toMatch(/pg-east-a unreachable/)
  expect(last).toMatch(/4 of 10 directions answer {3}east cut off/)
  expect(last).toMatch(/faults {5}kill region east, for 9 s/)
  expect(last).toMatch(/last 60 s .*█.*▄/)
  for (const write of writes)
    for (const line of write.replace(/\x1b\[\d*[AJ]/g, '').split('\n')) expect(textWidth(line)).toBeLessThanOrEqual(60)
})

test('a fault counts as unhealed until its heal is proved, or has failed', () => {
  const requested = outage.find((event) => event.kind === 'fault.requested')
  const display = liveDisplay({ stream: { write: () => {} }, colour: false, isTTY: false, width: 80, clock: () => 0 })
  const faultId = requested?.faultId ?? ''
  const at = { seq: 0, atMs: t0Ms }
  display.recall(outage.filter((event) => event.atMs <= t0Ms))
  const seen = [display.state.unhealed()]
  display.record({ ...at, kind: 'heal.failed', faultId, reason: 'the engine does not answer' })
  seen.push(display.state.unhealed(), [...display.state.faults.keys()])
  display.record({ ...at, kind: 'heal.proved', faultId, evidence: [] })
  seen.push([...display.state.faults.keys()])
  display.stop()
  expect(seen).toEqual([[faultId], [], [faultId], []])
})

test('several faults at once are all shown, and each line says which one', () => {
  const pause: EventBody = {
    kind: 'fault.requested',
    faultId: 'f2',
    fault: 'pause',
    target: { scope: 'dcsLeader' },
    resolved: 'node etcd-witness',
    nodes: ['etcd-witness'],
    links: [],
    expectGone: { nodes: [], edges: [] },
    disturbed: ['etcd-witness'],
    doesNotModel: [],
  }
  const slow: EventBody = {
    ...pause,
    faultId: 'f3',
    fault: 'slow',
    target: { scope: 'link', sites: ['east', 'west'] },
    resolved: 'link east-west',
    with: { latencyMs: 80 },
  }
  const events = journal({
    extra: [
      { atMs: t0Ms + 1000, body: pause },
      { atMs: t0Ms + 2000, body: slow },
      { atMs: t0Ms + 3000, body: { kind: 'heal.requested', faultId: 'f2' } },
    ],
  }).map((event) =>
    event.kind === 'trial.opened'
      ? { ...event, scenario: { ...event.scenario, faults: [...event.scenario.faults, ...event.scenario.faults] } }
      : event,
  )
  const { writes } = play(events, { isTTY: true, width: 60 }, t0Ms + 10_000)
  const last = writes.filter((write) => write.includes('requests   ')).at(-1) ?? ''
  for (const words of [
    'kill region east, for 9 s',
    'pause node etcd-witness, for 8 s',
    'slow link east-west (latencyMs 80), for 7 s',
  ])
    expect(last).toContain(words)
  expect(writes.join('')).toContain('heal of pause node etcd-witness requested')
  for (const write of writes)
    for (const line of write.replace(/\x1b\[\d*[AJ]/g, '').split('\n')) expect(textWidth(line)).toBeLessThanOrEqual(60)
})

test('stopping clears the region, twice is once, and later events are ignored', () => {
  const writes: string[] = []
  const display = liveDisplay({
    stream: { write: (text) => writes.push(text) },
    colour: false,
    isTTY: true,
    width: 80,
    clock: () => 0,
  })
  const events = outage
  for (const event of events.slice(0, 50)) display.record(event)
  vi.advanceTimersByTime(1000)
  const before = writes.length
  display.stop()
  display.stop()
  expect(writes).toHaveLength(before + 1)
  expect(writes.at(-1)).toMatch(/^\x1b\[\d+A\r\x1b\[J$/)
  display.record({ kind: 'note', text: 'late', seq: 1, atMs: 1 })
  vi.advanceTimersByTime(1000)
  expect(writes).toHaveLength(before + 1)
})

test('names from the journal cannot drive the terminal', () => {
  const evil = '\x1b[2J\x07evil'
  const { text } = play(
    journal({
      extra: [
        { atMs: 980, body: { kind: 'note', text: evil } },
        { atMs: 981, body: { kind: 'stage.entered', stage: evil } },
        { atMs: 982, body: { kind: 'database.role', node: evil, role: 'standby', timeline: 1, uncertaintyMs: 1 } },
        {
          atMs: 983,
          body: {
            kind: 'beacon.edge',
            from: evil,
            to: 'east',
            connection: 'fresh',
            up: false,
            lastAnswerMs: null,
            rttMs: null,
            uncertaintyMs: 1,
          },
        },
      ],
    }),
    { isTTY: true },
    3000,
  )
  expect(text).toContain('evil')
  expect(text).not.toMatch(/\x1b\[2J|\x07/)
})

test('how far a long reading of what is stored has come is shown beside the stage', () => {
  const progress = (atMs: number, done: number, of: number | null, node = 'app-1'): JournalEvent =>
    ({ seq: 0, atMs, kind: 'audit.progress', node, done, of }) as JournalEvent
  const read = { kind: 'audit.read', rows: 0, writes: '', duplicated: [], unexpected: [], invariants: [] }
  const events = [
    { seq: 0, atMs: 1_000, kind: 'stage.entered', stage: 'audit' } as JournalEvent,
    progress(4_000, 3_200, 40_000),
    progress(4_100, 3_000, null, 'app-2'),
    progress(12_000, 9_000, 40_000),
    { ...read, seq: 0, atMs: 13_000, node: 'app-2' } as JournalEvent,
    progress(24_000, 39_000, 40_000),
    progress(26_000, 39_500, 40_000),
  ]
  const { text } = play(events)
  expect(text).toMatch(/audit, for 1\d s, app-2: 3000 keys: /)
  expect(text).toMatch(/audit, for 2\d s, app-1: 39000 of 40000 keys: /)
})
