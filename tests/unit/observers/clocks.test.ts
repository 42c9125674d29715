// Goal: clocks that nobody could compare are not said to agree, and a clock that is set back for a moment is seen.
// Method: the observer with a wall clock of our own making, and an engine or a beacon that tells the time it is told
// to.
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import type Docker from 'dockerode'
import { expect, test } from 'vitest'
import { DockerEngine } from '../../../chaos/engine/docker/engine.ts'
import { type Clock, startClock } from '../../../chaos/journal/clock.ts'
import type { EventBody } from '../../../chaos/journal/schema.ts'
import { observeClocks } from '../../../chaos/observers/clocks.ts'
import type { Topology } from '../../../chaos/topology/topology.ts'
import { waitUntil } from '../../../chaos/wait.ts'

type Reading = Extract<EventBody, { kind: 'load.clock' }>

const engineAt = (time: () => string | undefined) =>
  new DockerEngine({
    info: async () => {
      const SystemTime = time()
      if (SystemTime === undefined) throw new Error('no such engine')
      return { SystemTime }
    },
  } as unknown as Docker)
const nowhere = engineAt(() => undefined)

function topologyWith(status: number | undefined): Topology {
  return {
    world: 'paper',
    sites: [],
    links: [],
    timeouts: {},
    nodes:
      status === undefined
        ? []
        : [{ name: 'beacon-west', role: 'beacon', site: 'west', ports: { status }, attributes: {} }],
  }
}

/** Everything that is recorded until the first look and some steps are over, and one more at the end. */
async function readings({
  engine = nowhere,
  status,
  clock = startClock(),
  wallMs = Date.now,
}: {
  engine?: DockerEngine
  status?: number
  clock?: Clock
  wallMs?: () => number
}): Promise<Reading[]> {
  const seen: Reading[] = []
  let asked = 0
  const observer = observeClocks({
    topology: topologyWith(status),
    engine,
    clock,
    record: (body) => void seen.push(body as Reading),
    wallMs: () => (asked++, wallMs()),
  })
  await waitUntil(
    async () =>
      seen.length > 0 && asked > 6 ? { done: true, value: undefined } : { done: false, seen: `${asked} readings` },
    { until: 'the wall clock was read', limitMs: 10_000, everyMs: 5 },
  )
  await observer.stop()
  return seen
}

test('where nobody answers, nothing is said to have been compared', async () => {
  const seen = await readings({})
  expect(seen.length).toBeGreaterThan(1)
  for (const reading of seen) expect(reading).toMatchObject({ offsetMs: null, roundTripMs: null })
  expect(seen[0]).not.toHaveProperty('by')
})

test('without a beacon the engine is asked for its time', async () => {
  const [seen] = await readings({ engine: engineAt(() => new Date(Date.now() - 900).toISOString()) })
  expect(seen?.by).toBe('the engine')
  expect(Math.abs((seen?.offsetMs ?? 0) + 900)).toBeLessThanOrEqual(2 + (seen?.roundTripMs ?? 0) / 2)
})

test('any beacon tells, wherever it stands', async () => {
  const beacon = createHttpServer((_, response) =>
    response.end(JSON.stringify({ site: 'west', wallMs: Date.now() + 40, peers: {}, heard: {} })),
  ).listen(0, '127.0.0.1')
  await new Promise((resolve) => beacon.once('listening', resolve))
  try {
    const [seen] = await readings({ status: (beacon.address() as AddressInfo).port })
    expect(seen?.by).toBe('beacon-west')
    expect(Math.abs((seen?.offsetMs ?? 0) - 40)).toBeLessThanOrEqual(2 + (seen?.roundTripMs ?? 0) / 2)
  } finally {
    beacon.close()
  }
})

test('a beacon that is gone leaves it to the engine', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const status = (server.address() as AddressInfo).port
  await new Promise((resolve) => server.close(resolve))
  expect((await readings({ status, engine: engineAt(() => new Date().toISOString()) }))[0]?.by).toBe('the engine')
})

test('a wall clock that is set back and forward again between two looks is on record', async () => {
  let asked = 0
  const clock = { nowMs: () => 5_000, wallStartMs: 1_000_000 }
  const seen = await readings({ clock, wallMs: () => 1_005_000 - (++asked === 4 ? 900 : 0) })
  expect(
    seen
      .map(({ stepMs }) => stepMs)
      .toSorted((a, b) => a - b)
      .slice(0, 2),
  ).toEqual([-900, 0])
})
