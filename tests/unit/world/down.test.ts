// Goal: `down` leaves nothing, also right after a failed `up`, when the engine has not let go of everything yet; and
// what stays for good is named, with the reason.
// Method: an engine on a socket that refuses removals in the words of the real one, for a while or for ever.
import { expect, test } from 'vitest'
import { down } from '../../../chaos/world/down.ts'
import { StubEngine } from './stub-engine.ts'

const world = 'blackstart-test-unit-down'

test('what the engine lets go of a moment later is removed a moment later', async () => {
  await using stub = await new StubEngine().start()
  Object.assign(stub.things, { containers: ['made', 'going'], networks: ['east'], volumes: ['data'] })
  let refusals = 0
  stub.refuse = (kind, name) => {
    refusals++
    if (name === 'going' && refusals < 4)
      return { status: 409, message: 'removal of container going is already in progress' }
    if (kind === 'networks' && refusals < 8) return { status: 403, message: 'network east has active endpoints' }
    if (kind === 'volumes' && refusals < 10) return { status: 409, message: 'remove data: volume is in use - [made]' }
    return undefined
  }
  expect(await down(stub.engine, world)).toEqual({ containers: 2, networks: 1, volumes: 1 })
  expect(stub.things).toEqual({ containers: [], networks: [], volumes: [] })
})

test('a container that was still being made when the others were listed goes too', async () => {
  await using stub = await new StubEngine().start()
  stub.things.containers = ['first']
  stub.refuse = (_kind, name) => {
    if (name === 'first') stub.things.containers.push('late')
    return undefined
  }
  expect(await down(stub.engine, world)).toMatchObject({ containers: 2 })
  expect(stub.things.containers).toEqual([])
})

test('what somebody else removed meanwhile is no failure', async () => {
  await using stub = await new StubEngine().start()
  stub.things.volumes = ['data']
  stub.refuse = () => {
    stub.things.volumes = []
    return { status: 404, message: 'no such volume' }
  }
  expect(await down(stub.engine, world)).toMatchObject({ volumes: 1 })
})

test('what stays is named with the reason, when nothing goes any more', async () => {
  await using stub = await new StubEngine().start()
  Object.assign(stub.things, { containers: ['made'], volumes: ['data', 'kept'] })
  stub.refuse = (_kind, name) =>
    name === 'kept' ? { status: 409, message: 'volume is in use - [somebody else]' } : undefined
  await expect(down(stub.engine, world, { patienceMs: 600 })).rejects.toMatchObject({
    exitCode: 3,
    message: expect.stringMatching(
      /^the world blackstart-test-unit-down cannot be removed: kept: .*volume is in use - \[somebody else\].*; "npx blackstart down --world blackstart-test-unit-down" tries again$/s,
    ),
  })
  expect(stub.things).toEqual({ containers: [], networks: [], volumes: ['kept'] })
})

test('a network in which the engine counts somebody who is not there is told as that', async () => {
  await using stub = await new StubEngine().start()
  stub.things.networks = ['west']
  stub.refuse = () => ({ status: 403, message: 'network west has active endpoints' })
  await expect(down(stub.engine, world, { patienceMs: 600 })).rejects.toThrow(
    /has active endpoints.* tries again\. If .* shows no container in such a network, .* restart the engine first$/s,
  )
})

test('an interrupt ends it after what is under way', async () => {
  await using stub = await new StubEngine().start()
  stub.things.containers = Array.from({ length: 20 }, (_, index) => `node-${index}`)
  const stop = new AbortController()
  stub.refuse = () => {
    stop.abort(new Error('enough'))
    return undefined
  }
  await expect(down(stub.engine, world, { signal: stop.signal })).rejects.toThrow('enough')
  expect(stub.things.containers.length).toBeGreaterThan(10)
})
