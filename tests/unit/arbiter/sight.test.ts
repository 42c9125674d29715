// Goal: what the regions say becomes evidence: a region that hears nobody has lost its primary, whoever lives there,
// and nobody of it counts as a survivor.
// Method: two lookouts that say what the test wants, over HTTP as the real ones do. The clock is the test's: what is
// old is old because the test says so, and not because this machine took its time to bring a line.
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Cluster, decide, type Limits } from '../../../services/arbiter/decide.ts'
import type { LookoutLine, NodeLine } from '../../../services/arbiter/lookout.ts'
import type { Place } from '../../../services/arbiter/settings.ts'
import { Sight } from '../../../services/arbiter/sight.ts'

const limits: Limits = { detectMs: 600, freshMs: 300, asks: 3, agree: 'all' }
const cluster: Cluster = {
  leader: 'pg-east-a',
  sync: { leader: 'pg-east-a', standbys: ['pg-east-b', 'pg-west-a', 'pg-west-b'], quorum: 1 },
  quorumCommit: true,
  paused: false,
  wish: undefined,
}

/** A lookout that repeats its line, as the test changes it, and, when told to, says it once more and falls silent. */
async function speaker(site: string, nodes: Record<string, NodeLine>) {
  const line: LookoutLine = { site, stalledMs: 0, deafMs: 20, nodes }
  const readers = new Set<ServerResponse>()
  let silent = false
  const server = createServer((request, response) => {
    request.resume()
    if (request.url !== '/stream') return void response.writeHead(204).end()
    readers.add(response.writeHead(200))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const speak = () => {
    for (const reader of readers) reader.write(`${JSON.stringify(line)}\n`)
  }
  const timer = setInterval(() => {
    if (!silent) speak()
  }, 20)
  const place: Place = { site, name: '127.0.0.1', port: (server.address() as AddressInfo).port }
  return {
    line,
    place,
    fallSilent() {
      speak()
      silent = true
    },
    end() {
      clearInterval(timer)
      server.closeAllConnections()
      server.close()
    },
  }
}

function seen(site: string, role: string, over: Partial<NodeLine> = {}): NodeLine {
  return {
    site,
    silentMs: 40,
    refused: false,
    asked: 9,
    vainMs: 40,
    streamedMs: role === 'primary' ? null : 40,
    grewMs: role === 'primary' ? null : 70,
    report: { state: 'running', role, timeline: 4, receivedBytes: 1_000, streaming: role !== 'primary' },
    ...over,
  }
}

/**
 * Waits, by real turns of the event loop while the clock stands still, until the line that the test wants has arrived.
 */
async function until(assertion: () => void): Promise<void> {
  for (let turnsLeft = 2_000; ; turnsLeft--) {
    try {
      return assertion()
    } catch (error) {
      if (turnsLeft === 0) throw error
      await delay(5)
    }
  }
}

let east: Awaited<ReturnType<typeof speaker>>
let west: Awaited<ReturnType<typeof speaker>>
let sight: Sight
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  east = await speaker('east', { 'pg-east-a': seen('east', 'primary'), 'pg-east-b': seen('east', 'replica') })
  west = await speaker('west', { 'pg-west-a': seen('west', 'replica'), 'pg-west-b': seen('west', 'replica') })
  const databases = ['pg-east-a', 'pg-east-b', 'pg-west-a', 'pg-west-b'].map((name) => ({
    site: name.split('-')[1] ?? '',
    name,
    port: 9,
  }))
  sight = new Sight({ site: 'witness', limits, lookouts: [east.place, west.place], databases })
  sight.start()
  await until(() => expect(sight.evidence('pg-east-a', cluster).standbys).toHaveLength(3))
  sight.follow('pg-east-a')
})
afterEach(() => {
  sight.stop()
  east.end()
  west.end()
  vi.useRealTimers()
})

/** What was last changed in the lines of both lookouts has arrived: they come on two connections, in either order. */
async function bothHeard(): Promise<void> {
  for (const { line } of [east, west]) line.stalledMs += 1
  await until(() => {
    const { home, views } = sight.evidence('pg-east-a', cluster)
    expect([home.stalledMs, views[1]?.stalledMs]).toEqual([east.line.stalledMs, west.line.stalledMs])
  })
}

/** What the arbiter makes of it. What the witness asks itself has no part in these tests. */
function judged(): ReturnType<typeof decide> {
  const { views, ...rest } = sight.evidence('pg-east-a', cluster)
  return decide({ ...rest, views: [{ ...views[0]!, asked: 5, silentMs: 500 }, ...views.slice(1)] }, limits)
}

const homeSilentMs = () => sight.evidence('pg-east-a', cluster).home.silentMs

test('nothing speaks against a primary that its region hears', () => {
  expect(sight.causeAgainst('pg-east-a')).toBeUndefined()
  expect(homeSilentMs()).toBe(40)
  expect(sight.evidence('pg-east-a', cluster).primaryTimeline).toBe(4)
})

test('a region that says that it hears nobody has lost its primary, though that one answers there', async () => {
  east.line.deafMs = 900
  await until(() => expect(sight.causeAgainst('pg-east-a')).toBe('127.0.0.1 hears nobody'))
  expect(homeSilentMs()).toBe(900)
  expect(
    sight.evidence('pg-east-a', cluster).standbys.map(({ name }) => name),
    'nobody there can follow or lead',
  ).toEqual(['pg-west-a', 'pg-west-b'])
})

test('and is replaced, when the others have lost it too', async () => {
  east.line.deafMs = 900
  west.line.nodes['pg-east-a'] = seen('east', 'primary', { asked: 5, vainMs: 500 })
  await bothHeard()
  expect(homeSilentMs()).toBe(900)
  expect(judged()).toMatchObject({ act: true, successor: 'pg-west-a' })
})

test('a primary that is silent and feeds its standbys is busy', async () => {
  east.line.nodes['pg-east-a'] = seen('east', 'primary', { silentMs: 900, vainMs: 900 })
  west.line.nodes['pg-east-a'] = seen('east', 'primary', { asked: 5, vainMs: 500 })
  await bothHeard()
  expect(homeSilentMs()).toBe(900)
  expect(judged()).toMatchObject({ act: false, because: expect.stringMatching(/^pg-.* had more of it 70 ms ago$/) })
  for (const { line } of [east, west])
    for (const node of Object.values(line.nodes)) if (node.grewMs !== null) node.grewMs = 700
  await until(() => expect(judged()).toMatchObject({ act: true }))
})

test('the deafness of the other region is no word against the primary', async () => {
  west.line.deafMs = 900
  await until(() =>
    expect(sight.evidence('pg-east-a', cluster).standbys.map(({ name }) => name)).toEqual(['pg-east-b']),
  )
  expect(sight.causeAgainst('pg-east-a')).toBeUndefined()
  expect(homeSilentMs()).toBe(40)
})

test('a region that falls silent takes its last word along: how old it is counts, and not what it said', async () => {
  // A second before its end it had not heard of its primary for half a second: an old word, that adds nothing to its
  // own silence.
  east.line.nodes['pg-east-a'] = seen('east', 'primary', { silentMs: 500 })
  east.line.stalledMs = 7
  east.fallSilent()
  await until(() => expect(sight.evidence('pg-east-a', cluster).home.stalledMs).toBe(7))
  expect(homeSilentMs()).toBe(500)
  vi.advanceTimersByTime(limits.freshMs + 1)
  const { home } = sight.evidence('pg-east-a', cluster)
  expect([home.ageMs, home.silentMs]).toEqual([limits.freshMs + 1, limits.freshMs + 1])
  expect(sight.causeAgainst('pg-east-a')).toBe('127.0.0.1 is silent')
  sight.follow('pg-east-a')
  expect(
    sight.evidence('pg-east-a', cluster).primaryTimeline,
    'the timeline of a primary that says nothing any more',
  ).toBe(4)
})

test.each<[string, Partial<NodeLine>, string]>([
  ['refuses', { refused: true }, 'pg-east-a refuses connections'],
  ['says nothing', { silentMs: 700 }, 'pg-east-a is silent'],
])('a primary that %s is a cause to look closely', async (_what, over, cause) => {
  east.line.nodes['pg-east-a'] = seen('east', 'primary', over)
  await until(() => expect(sight.causeAgainst('pg-east-a')).toBe(cause))
})
