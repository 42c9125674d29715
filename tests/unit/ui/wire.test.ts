// Goal: a frame that many pages get is written once, and whoever is slow holds nothing back.
// Method: real responses of a real server; a frame that counts how often it is written.
import { once } from 'node:events'
import { createServer, get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { eventStream } from '../../../chaos/ui/wire.ts'

test('a frame for several pages is written once', async () => {
  const wires: ReturnType<typeof eventStream>[] = []
  const server = createServer((_request, response) => void wires.push(eventStream(response, {}))).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const pages = [0, 1, 2].map(() => get({ port, host: '127.0.0.1' }))
  const responses = await Promise.all(
    pages.map(async (page) => {
      const [response] = (await once(page, 'response')) as [IncomingMessage]
      return response.setEncoding('utf8')
    }),
  )
  let written = 0
  const frame = { toJSON: () => ({ written: ++written }) }
  const got = responses.map(async (response) => String((await once(response, 'data'))[0]))
  for (const wire of wires) wire.send(frame)
  expect(await Promise.all(got)).toEqual(Array(3).fill('data: {"written":1}\n\n'))
  for (const page of pages) page.destroy()
  server.close()
})
