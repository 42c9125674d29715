// Goal: every node that starts while a command watches has its routes when the command goes on: a node that misses them
// reaches no other site, for as long as it runs.
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { keepPutting, openedWhenNeeded } from '../../../chaos/engine/docker/routes.ts'

const labels = { 'blackstart.routes': '198.18.0.32/27 via 198.18.0.5' }
const startOf = (id: string) => `${JSON.stringify({ Actor: { ID: id, Attributes: labels } })}\n`

function fakeRouter() {
  const routed: string[] = []
  let open = true
  return {
    routed,
    async put({ id }: { id: string }) {
      await new Promise((resolve) => setTimeout(resolve, 20))
      if (!open) throw new Error('the helper has ended')
      routed.push(id)
      return true
    },
    async dispose() {
      open = false
    },
  }
}

test('a node that starts just before the end has its routes', async () => {
  const router = fakeRouter()
  const started = new PassThrough()
  const running: { id: string; labels: Record<string, string> }[] = []
  const keeper = await keepPutting(router, { started, containers: async () => running })
  running.push({ id: 'late', labels })
  started.write(startOf('late'))
  await keeper[Symbol.asyncDispose]()
  expect(router.routed).toContain('late')
})

test('a node that starts is given them at once, not only at the end', async () => {
  const router = fakeRouter()
  const started = new PassThrough()
  await using _keeper = await keepPutting(router, { started, containers: async () => [] })
  started.write(startOf('db-1'))
  await expect.poll(() => router.routed).toEqual(['db-1'])
})

test('one node that cannot be given them keeps no other from its own', async () => {
  const router = fakeRouter()
  const put = async (container: { id: string }) => {
    if (container.id === 'dead') throw new Error('it has died')
    return await router.put(container)
  }
  const running: { id: string; labels: Record<string, string> }[] = []
  const keeper = await keepPutting({ ...router, put }, { started: new PassThrough(), containers: async () => running })
  running.push({ id: 'dead', labels }, { id: 'db-1', labels })
  await keeper[Symbol.asyncDispose]()
  expect(router.routed).toEqual(['db-1'])
})

test('no helper is started for a world without routes, and one for all nodes of a world that has them', async () => {
  const routers: ReturnType<typeof fakeRouter>[] = []
  const router = openedWhenNeeded(async () => {
    routers.push(fakeRouter())
    return routers[0] as (typeof routers)[0]
  })
  await router.put({ id: 'api-1', labels: {} })
  expect(routers).toEqual([])
  await Promise.all(['db-1', 'db-2'].map((id) => router.put({ id, labels })))
  expect(routers.map(({ routed }) => routed)).toEqual([['db-1', 'db-2']])
  await router.dispose()
  await expect(router.put({ id: 'db-3', labels })).rejects.toThrow('has ended')
})

test('a helper that could not be started is started for the next node', async () => {
  let tries = 0
  const router = openedWhenNeeded(async () => {
    tries++
    if (tries === 1) throw new Error('the engine is busy')
    return fakeRouter()
  })
  await expect(router.put({ id: 'db-1', labels })).rejects.toThrow('busy')
  await router.put({ id: 'db-2', labels })
  await router.dispose()
})

test('an event that was cut off when the engine ended is none', async () => {
  const started = new PassThrough()
  await using _keeper = await keepPutting(fakeRouter(), { started, containers: async () => [] })
  started.end(startOf('db-1').slice(0, 40))
  await new Promise((resolve) => setTimeout(resolve, 20))
})

test('a label that is wrong is told, before a helper is started for it, and so is it in the first start of a world', async () => {
  const router = openedWhenNeeded(async () => {
    throw new Error('a helper was started')
  })
  const wrong = { 'blackstart.routes': '198.18.0.32/27' }
  const started = new PassThrough()
  await using keeper = await keepPutting(router, { started, containers: async () => [] })
  keeper.check()
  started.write(`${JSON.stringify({ Actor: { ID: 'db-1', Attributes: wrong } })}\n`)
  const told = () => {
    try {
      keeper.check()
    } catch (error) {
      return String(error)
    }
    return undefined
  }
  await expect.poll(told).toMatch(/the label blackstart.routes="198.18.0.32\/27" is wrong/)
})

test('what watches for starts is ended where the nodes that run cannot be listed', async () => {
  const router = fakeRouter()
  const started = new PassThrough()
  const containers = async () => {
    throw new Error('the engine is gone')
  }
  await expect(keepPutting(router, { started, containers })).rejects.toThrow('the engine is gone')
  expect(started.destroyed).toBe(true)
  await expect(router.put({ id: 'db-1' })).rejects.toThrow('has ended')
})
