// Goal: a region that is heard and hears nobody says so itself, while its words still arrive.
// Method: a real lookout, and between it and the arbiter's end a wire that can swallow what goes one way.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect, createServer } from 'node:net'
import { expect, test, vi } from 'vitest'
import { Lookout } from '../../../services/arbiter/lookouts.ts'

const soon = { timeout: 20_000, interval: 20 }

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

test('a lookout that nothing reaches any more says for how long', async () => {
  const port = await freePort()
  const child = spawn(process.execPath, [new URL('../../../services/arbiter/lookout.ts', import.meta.url).pathname], {
    env: { SITE: 'east', PORT: String(port), DATABASES: `east/127.0.0.1:${await freePort()}` },
    stdio: 'ignore',
  })
  let swallows = false
  const wire = createServer((near) => {
    const far = connect({ port, host: '127.0.0.1' })
    near.on('data', (chunk) => {
      if (!swallows) far.write(chunk)
    })
    far.on('data', (chunk) => near.write(chunk))
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const)
      one.on('error', () => {}).on('close', () => other.destroy())
  }).listen(0, '127.0.0.1')
  await once(wire, 'listening')
  const lookout = new Lookout({ site: 'east', name: '127.0.0.1', port: (wire.address() as AddressInfo).port })
  try {
    lookout.start()
    await vi.waitFor(() => expect(lookout.line?.deafMs).toBeLessThan(300), soon)
    swallows = true
    await vi.waitFor(() => {
      expect(lookout.line?.deafMs).toBeGreaterThan(1_000)
      expect([lookout.open, lookout.ageMs < 500], 'its own words still arrive').toEqual([true, true])
    }, soon)
    swallows = false
    await vi.waitFor(() => expect(lookout.line?.deafMs).toBeLessThan(300), soon)
  } finally {
    lookout.stop()
    wire.close()
    child.kill()
    await once(child, 'exit')
  }
}, 60_000)
