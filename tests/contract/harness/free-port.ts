import { createServer } from 'node:net'
import { isOurs } from './lane.ts'

const chosen = new Set<number>()

/**
 * A port of 127.0.0.1 that nobody has, and that nobody is given by chance: it lies below the range from which the system
 * and the engine take ports (Linux: 32768 and up), and is chosen once only. It stays free for a container while that is
 * down.
 */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 200; tries++) {
    const port = 28_000 + Math.floor(Math.random() * 4_000)
    if (chosen.has(port) || !isOurs(port)) continue
    chosen.add(port)
    if (await isFree(port)) return port
  }
  throw new Error('200 ports between 28000 and 32000 were tried on 127.0.0.1, and somebody listens on each')
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
