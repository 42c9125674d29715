// Goal: whether what was written can be read back is told before anything is broken; a database that is too busy to
// answer says nothing of that.
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { whyUnreadable } from '../../../chaos/run/readable.ts'
import type { Topology } from '../../../chaos/topology/topology.ts'

/** Of one database of that kind, PostgreSQL where none is named, that does with each client what it is told. */
async function topologyOf(answer: (socket: Socket) => void, engine = 'postgres'): Promise<Topology> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}))
    answer(socket)
  }).listen(0, '127.0.0.1')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  await once(server, 'listening')
  const node = {
    name: 'pg-1',
    role: 'database',
    site: 'east',
    ports: { sql: (server.address() as AddressInfo).port },
    attributes: { 'audit.writes': 'select key from writes', 'database.engine': engine },
  }
  return { nodes: [node], sites: [], links: [] } as unknown as Topology
}

test.each(['postgres', 'mariadb'])('a database that does not answer in time: %s', async (engine) => {
  const topology = await topologyOf(() => {}, engine)
  expect(await whyUnreadable({ topology, auditors: undefined, trialId: 't' })).toBeUndefined()
})

test('one that refuses', async () => {
  // An ErrorResponse of PostgreSQL's protocol: severity, code, message.
  const fields = 'SFATAL\0C28P01\0Mpassword authentication failed\0\0'
  const length = Buffer.alloc(4)
  length.writeUInt32BE(4 + fields.length)
  const topology = await topologyOf((socket) =>
    socket.once('data', () => socket.end(Buffer.concat([Buffer.from('E'), length, Buffer.from(fields)]))),
  )
  expect(await whyUnreadable({ topology, auditors: undefined, trialId: 't' })).toBe(
    'pg-1 says: password authentication failed ("select key from writes")',
  )
})
