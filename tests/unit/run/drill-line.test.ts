// Goal: an order goes to the drill of this user and to nobody else, and where that cannot be known it is not given.
// Method: a temporary folder in which another one was first: with a folder that others may use, one that is a link, a
// socket of another user.
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { connectDrill, type DrillLine, type DrillOrder, serveDrill } from '../../../chaos/run/drill-line.ts'
import { drillSocket, forgetDrillSocket } from '../../../chaos/world/drill-socket.ts'

const world = 'run-files-test-drill'
let temporary: string
const servers: Server[] = []

beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), 'bs-'))
  vi.stubEnv('TMPDIR', temporary)
})
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))))
  vi.unstubAllEnvs()
  rmSync(temporary, { recursive: true, force: true })
})

/** Listens where a drill would, and counts who comes. */
async function listen(): Promise<{ callers: number }> {
  const seen = { callers: 0 }
  const server = createServer((socket) => {
    seen.callers++
    socket.end()
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(drillSocket(world), resolve))
  return seen
}

test("a drill listens in a folder that is its user's alone, takes orders, and leaves no socket", async () => {
  const taken = Promise.withResolvers<DrillOrder>()
  {
    using server = await serveDrill(world, (order) => taken.resolve(order))
    expect(statSync(dirname(drillSocket(world))).mode & 0o777).toBe(0o700)
    using drill = await connectDrill(world)
    drill?.send({ do: 'heal', faultId: 'f1' })
    expect(await taken.promise).toEqual({ do: 'heal', faultId: 'f1' })
    const lines = (drill as NonNullable<typeof drill>).lines[Symbol.asyncIterator]()
    server.tell({ is: 'ended', folder: 'run' })
    const told: DrillLine[] = []
    for (let line = await lines.next(); !line.done && told.push(line.value) < 2; ) line = await lines.next()
    expect(told.map(({ is }) => is)).toEqual(['past', 'ended'])
  }
  expect(await connectDrill(world)).toBeUndefined()
})

test('no drill and no folder: nobody to ask, and none is made', async () => {
  expect(await connectDrill(world)).toBeUndefined()
  expect(() => statSync(dirname(drillSocket(world)))).toThrow('ENOENT')
})

test('a folder that others may use is refused: anybody may listen there', async () => {
  mkdirSync(dirname(drillSocket(world)))
  chmodSync(dirname(drillSocket(world)), 0o777)
  const seen = await listen()
  await expect(connectDrill(world)).rejects.toThrow(
    /cannot be trusted: others may use it \(mode 777\)\. Remove it, or set TMPDIR/,
  )
  await expect(serveDrill(world, () => {})).rejects.toThrow('others may use it')
  forgetDrillSocket(world)
  expect(statSync(drillSocket(world)).isSocket()).toBe(true)
  expect(seen.callers).toBe(0)
})

test('a link in its place is refused, wherever it leads', async () => {
  mkdirSync(join(temporary, 'elsewhere'), { mode: 0o700 })
  symlinkSync('elsewhere', dirname(drillSocket(world)))
  const seen = await listen()
  await expect(connectDrill(world)).rejects.toThrow('it is a link')
  await expect(serveDrill(world, () => {})).rejects.toThrow('it is a link')
  expect(seen.callers).toBe(0)
})

test.runIf(process.getuid?.() === 0)(
  'what belongs to another user is refused, the folder as well as the socket',
  async () => {
    mkdirSync(dirname(drillSocket(world)), { mode: 0o700 })
    const seen = await listen()
    chownSync(drillSocket(world), 65_534, 65_534)
    await expect(connectDrill(world)).rejects.toMatchObject({
      exitCode: 3,
      message: expect.stringContaining('it belongs to the user 65534') as string,
    })
    chownSync(dirname(drillSocket(world)), 65_534, 65_534)
    await expect(connectDrill(world)).rejects.toThrow(
      `${dirname(drillSocket(world))}, where your drills take orders, cannot be trusted: it belongs to the user 65534`,
    )
    await expect(serveDrill(world, () => {})).rejects.toThrow('it belongs to the user 65534')
    expect(seen.callers).toBe(0)
  },
)

test('a temporary folder with a long path does not make a socket that the system refuses', () => {
  vi.stubEnv('TMPDIR', join('/tmp', 'x'.repeat(120)))
  expect(Buffer.byteLength(drillSocket(world))).toBeLessThanOrEqual(100)
})
