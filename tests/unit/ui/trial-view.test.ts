// Goal: what the page shows of a trial is what its journal says, however it comes.
// Method: journals of real trials, fed whole and in pieces, against the journal itself and the judge.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { parseJournal } from '../../../chaos/journal/parse.ts'
import type { JournalEvent } from '../../../chaos/journal/schema.ts'
import { judge } from '../../../chaos/judge/judge.ts'
import { finalReading, readingSoFar } from '../../../chaos/ui/reading.ts'
import { TrialView, unobserved } from '../../../chaos/ui/trial-view.ts'

const folder = fileURLToPath(new URL('../../journals/real/', import.meta.url))

function linesOf(name: string): string[] {
  return gunzipSync(readFileSync(`${folder}${name}.ndjson.gz`))
    .toString()
    .trimEnd()
    .split('\n')
}

function eventsOf(name: string): JournalEvent[] {
  return linesOf(name).map((line) => JSON.parse(line))
}

function viewOf(events: readonly JournalEvent[]): TrialView {
  const view = new TrialView()
  for (const event of events) view.apply(event)
  return view
}

const before = (events: JournalEvent[], kind: JournalEvent['kind'], offsetMs = 0): JournalEvent[] => {
  const at = events.find((event) => event.kind === kind)!.atMs + offsetMs
  return events.filter((event) => event.atMs <= at)
}

describe('region-kill', () => {
  const events = eventsOf('region-kill')
  const requests = events.filter((event) => event.kind === 'request')

  test('counts every request once, in the second in which it was due', () => {
    const { seconds } = viewOf(events).since(0)
    const sum = (name: 'acked' | 'rejected' | 'unknown') => seconds.reduce((all, second) => all + second[name], 0)
    for (const outcome of ['acked', 'rejected', 'unknown'] as const)
      expect(sum(outcome)).toBe(requests.filter((request) => request.outcome === outcome).length)
    const [first] = seconds
    const due = requests.filter(({ scheduledMs }) => Math.floor(scheduledMs / 1000) === first!.at)
    const slowest = Math.max(...due.filter((r) => r.outcome === 'acked').map((r) => r.endedMs - r.scheduledMs))
    expect(first!.slowestMs).toBe(slowest)
  })

  test('a page that takes pieces has in the end what a late one gets at once', () => {
    const view = new TrialView()
    const seconds = new Map<number, unknown>()
    const log: unknown[] = []
    let since = 0
    for (const [index, event] of events.entries()) {
      view.apply(event)
      if (index % 97 !== 0 && index !== events.length - 1) continue
      const frame = view.since(since)
      for (const second of frame.seconds) seconds.set(second.at, second)
      log.push(...frame.log)
      since = frame.revision
    }
    const whole = view.since(0)
    expect(log).toEqual(whole.log)
    expect([...seconds.values()].toSorted()).toEqual(whole.seconds.toSorted())
    expect(view.since(since)).toMatchObject({ log: [], seconds: [] })
  })

  test('while the fault lasts its nodes are broken by it, and it says when it heals', () => {
    const proved = before(events, 'fault.proved')
    const requested = events.find((event) => event.kind === 'fault.requested')!
    const { nodes, faults, zeroMs } = viewOf(proved).since(0)
    const broken = nodes
      .filter(({ words }) => words.some((word) => word.startsWith('broken by')))
      .map(({ name }) => name)
    const acted = requested.nodes.filter((name) => nodes.some((node) => node.name === name))
    expect(broken.toSorted()).toEqual(acted.toSorted())
    expect(zeroMs).toBe(requested.atMs)
    const opened = events.find((event) => event.kind === 'trial.opened')!
    expect(faults).toMatchObject([{ healedMs: null, forMs: opened.scenario.faults[0]!.forMs }])
  })

  test('after the heal the roles and the leader are those of the last events', () => {
    const frame = viewOf(events).since(0)
    const last = (kind: string, node: string) =>
      events.filter((event) => event.kind === kind && 'node' in event && event.node === node).at(-1)
    for (const node of frame.nodes.filter(({ role }) => role === 'database')) {
      expect(node.words[0]).toBe((last('database.role', node.name) as { role: string }).role)
      expect(node.writable).toBe(
        (last('database.writable', node.name) as { accepting: boolean } | undefined)?.accepting ?? false,
      )
      expect(node.words.join()).not.toContain('broken')
    }
    expect(frame.leader).toBe(events.filter((event) => event.kind === 'dcs.leader').at(-1)!.leader)
    expect(frame.faults[0]!.healedMs).toBe(events.find((event) => event.kind === 'heal.proved')!.atMs)
  })

  test('what nobody looks at is not observed, and never well', () => {
    const { nodes, links } = viewOf(events.slice(0, 1)).since(0)
    expect(new Set(nodes.map(({ health }) => health))).toEqual(new Set(['unseen']))
    expect(new Set(links.flatMap(({ there, back }) => [there.health, back.health]))).toEqual(new Set(['unseen']))
    const opened = events[0] as Extract<JournalEvent, { kind: 'trial.opened' }>
    expect(unobserved(opened.topology).nodes).toEqual(nodes)
  })
})

describe('what the judge says', () => {
  const lines = linesOf('region-kill')
  const journal = parseJournal(lines)
  const verdict = judge(journal)
  const requestedMs = verdict.moments.requestedMs!

  test.each([500, 1_500, 3_000, 6_000, 12_000, 20_000])(
    'a phase that is shown %d ms after the fault is one of the verdict',
    (afterMs) => {
      const part = lines.filter((line) => JSON.parse(line).atMs <= requestedMs + afterMs)
      const { phases, objectives, verdict: word } = readingSoFar(judge(parseJournal(part)))
      for (const phase of phases.filter(({ flag }) => flag === null))
        expect(finalReading(verdict).phases).toContainEqual(phase)
      expect(word).toBeNull()
      expect(new Set(objectives.map(({ state }) => state))).toEqual(new Set(['open']))
    },
  )

  test('at the end the page has the verdict and nothing else', () => {
    const reading = finalReading(verdict)
    expect(reading).toMatchObject({ verdict: verdict.verdict, summary: verdict.summary, isFinal: true })
    expect(reading.objectives.map(({ state }) => state)).toEqual(verdict.objectives.map((each) => each.verdict))
  })
})

test('a link that is cut one way is silent in what the journal says', () => {
  const events = eventsOf('one-way-out')
  const { links } = viewOf(before(events, 'fault.proved')).since(0)
  const silentBeacons = new Set<string>()
  for (const event of before(events, 'fault.proved'))
    if (event.kind === 'beacon.reachable') silentBeacons[event.reachable ? 'delete' : 'add'](event.site)
  const edges = new Map<string, Record<string, boolean>>()
  for (const event of before(events, 'fault.proved'))
    if (event.kind === 'beacon.edge') {
      const key = `${event.from}>${event.to}`
      edges.set(key, { ...edges.get(key), [event.connection]: event.up })
    }
  for (const { there, back } of links)
    for (const { from, to, health } of [there, back]) {
      const told = silentBeacons.has(from) ? [] : Object.values(edges.get(`${from}>${to}`) ?? {})
      const expected =
        told.length === 0 ? 'unseen' : told.every(Boolean) ? 'answers' : told.some(Boolean) ? 'half' : 'silent'
      expect(health).toBe(expected)
    }
  expect(links.some(({ faults }) => faults.length > 0)).toBe(true)
})

test('of a region that was killed nobody says that its own directions answer, or whom its routers use', () => {
  const events = eventsOf('region-kill')
  const requested = events.find((event) => event.kind === 'fault.requested')!
  const { links, nodes } = viewOf(before(events, 'heal.requested')).since(0)
  const dead = nodes.find(({ role, name }) => role === 'beacon' && requested.nodes.includes(name))!.site
  const ways = links.flatMap(({ there, back }) => [there, back])
  expect(ways.some(({ from }) => from === dead)).toBe(true)
  expect(new Set(ways.filter(({ from }) => from === dead).map(({ health }) => health))).toEqual(new Set(['unseen']))
  expect(new Set(ways.filter(({ to }) => to === dead).map(({ health }) => health))).toEqual(new Set(['silent']))
  const router = nodes.find(({ role, site }) => role === 'router' && site === dead)!
  expect(router.words.filter((word) => !word.startsWith('broken'))).toEqual(['does not answer'])
})
