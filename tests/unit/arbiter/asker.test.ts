// Goal: a node that has fallen silent is asked often enough to be judged, and a slow one is not buried under questions.
// Method: a server that takes questions, and answers when the test says so.
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Asker } from '../../../services/arbiter/asker.ts'

const soon = { timeout: 20_000, interval: 10 }
const open: ServerResponse[] = []
const server = createServer((_request, response) => {
  open.push(response)
})
let asker: Asker
beforeEach(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  asker = new Asker({ host: '127.0.0.1', port: (server.address() as AddressInfo).port })
})
afterEach(async () => {
  for (const response of open.splice(0)) response.destroy()
  server.closeAllConnections()
  await new Promise((closed) => server.close(closed))
})

function askOften(): void {
  for (let times = 0; times < 20; times++) asker.ask('/liveness')
}

test('three questions at a time, and another one for each answer', async () => {
  askOften()
  await vi.waitFor(() => expect(open).toHaveLength(3), soon)
  expect(asker.asked, 'enough for a judgement').toBe(3)
  open[0]!.end()
  await vi.waitFor(() => {
    asker.ask('/liveness')
    expect(open).toHaveLength(4)
  }, soon)
  expect(asker.asked).toBe(4)
  expect(asker.silentMs).not.toBeNull()
})

test('what hangs from before does not count when a suspicion arises anew', async () => {
  askOften()
  asker.restart()
  expect(asker.asked).toBe(0)
  askOften()
  expect(asker.asked).toBe(3)
  await vi.waitFor(() => expect(open).toHaveLength(6), soon)
})

test('a standby has grown when it streams more than before, and not when it replays what it had', async () => {
  const says = async (state: string, bytes: number) => {
    asker.ask('/patroni')
    await vi.waitFor(() => expect(open).toHaveLength(1), soon)
    const report = {
      state: 'running',
      role: 'replica',
      timeline: 1,
      xlog: { received_location: bytes },
      ...(state && { replication_state: state }),
    }
    open.pop()!.end(JSON.stringify(report))
    await vi.waitFor(() => expect(asker.report?.receivedBytes).toBe(bytes), soon)
  }
  await says('streaming', 10)
  expect(asker.grewMs, 'the first word is no growth').toBeNull()
  await says('', 20)
  await says('streaming', 30)
  expect(asker.grewMs).toBeNull()
  await says('streaming', 40)
  expect(asker.grewMs).not.toBeNull()
})

test('questions that nobody answers are given up, and asked again', async () => {
  askOften()
  await vi.waitFor(() => {
    asker.ask('/liveness')
    expect(asker.asked).toBeGreaterThan(3)
  }, soon)
  expect(asker.silentMs).toBeNull()
})
