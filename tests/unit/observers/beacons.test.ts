// Goal: what a beacon sees is recorded when it changes, and not otherwise; a beacon that is gone is told, and what it
// saw before is told anew when it is back.
// Method: a beacon that publishes the lines that the test writes.
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import type { EventBody } from '../../../chaos/journal/schema.ts'
import { observeBeacon } from '../../../chaos/observers/beacons.ts'
import type { BeaconLine } from '../../../chaos/stack/beacon.ts'

const sound: BeaconLine = {
  site: 'east',
  wallMs: 0,
  peers: { west: { existing: { ageMs: 20, rttMs: 31 }, fresh: { ageMs: 300, rttMs: 62 } } },
  heard: { west: 40 },
}
const silent: BeaconLine = {
  ...sound,
  peers: { west: { existing: { ageMs: 700, rttMs: 31 }, fresh: { ageMs: 700, rttMs: 62 } } },
  heard: { west: 650 },
}

test('changes, a beacon that goes, and one that comes back', async () => {
  const readers: ServerResponse[] = []
  const server = createServer((_, response) => {
    response.flushHeaders()
    readers.push(response)
  }).listen(0, '127.0.0.1')
  const { port } = await new Promise<AddressInfo>((done) =>
    server.once('listening', () => done(server.address() as AddressInfo)),
  )
  const recorded: EventBody[] = []
  const observer = observeBeacon(
    { name: 'beacon-east', role: 'beacon', site: 'east', ports: { status: port }, attributes: {} },
    { record: (body) => void recorded.push(body), now: () => performance.now() },
  )
  const told = () =>
    recorded.splice(0).flatMap((event) => {
      if (event.kind === 'beacon.reachable') return [`reachable ${event.reachable}`]
      if (event.kind === 'beacon.edge') return [`${event.from}>${event.to} ${event.connection} ${event.up}`]
      return event.kind === 'beacon.heard' ? [`${event.at} hears ${event.from} ${event.heard}`] : []
    })
  const publish = async (...lines: BeaconLine[]) => {
    await expect.poll(() => readers.length).toBeGreaterThan(0)
    for (const line of lines) readers.at(-1)?.write(`${JSON.stringify(line)}\n`)
  }
  const changed: string[] = []
  const until = async (expected: string[]) => {
    await expect.poll(() => (changed.push(...told()), changed)).toEqual(expected)
    changed.length = 0
  }
  try {
    await publish(sound, sound)
    const up = ['reachable true', 'east>west existing true', 'east>west fresh true', 'east hears west true']
    await until(up)
    // Fresh connections are rarer, so theirs may be silent for longer.
    await publish(sound, silent)
    await until(['east>west existing false', 'east hears west false'])
    readers.splice(0).at(-1)?.destroy()
    await until(['reachable false'])
    await publish(sound)
    await until(up)
  } finally {
    await observer.stop()
    server.closeAllConnections()
    server.close()
  }
})
