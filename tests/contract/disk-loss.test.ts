// Goal: a node that loses its disk comes back empty; nobody else loses anything, nor does this machine; and a harness that
// dies half-way leaves no half a disk.
// Method: idle containers with volumes on the real engine; the fault as a trial would use it.

import { expect, test } from 'vitest'
import type { DockerEngine } from '../../chaos/engine/docker/engine.ts'
import { execIn } from '../../chaos/engine/docker/exec.ts'
import { diskLoss } from '../../chaos/faults/disk-loss.ts'
import { Unavailable } from '../../chaos/faults/fault.ts'
import { fault } from '../../chaos/scenarios/define.ts'
import type { Target } from '../../chaos/scenarios/schema.ts'
import { healAll } from '../../chaos/world/undo.ts'
import { orderOf, type SmallWorld, smallWorld, statesOf } from './harness/small-world.ts'

const node = (name: string): Target => ({ scope: 'node', name })
const lost = (target: Target) => fault('disk-loss', target, { lasting: 1 })

/** Three nodes with a volume each, one of them with a volume that nobody made for this world; and one without. */
async function worldOfDisks(name: string): Promise<SmallWorld> {
  const nodes = { 'a-1': 'east', 'b-1': 'west', 'c-1': 'west', 'plain-1': 'east' }
  const volumes = { 'a-1': `${name}-a`, 'b-1': `${name}-b`, 'c-1': `${name}-foreign` }
  return smallWorld(name, nodes, { volumes, foreign: [`${name}-foreign`] })
}

/** All that a node sees on its volume, written by it: what is hidden, what is below, and what is not its own. */
const write = 'mkdir -p /data/base/1 && echo x > /data/base/1/2 && echo x > /data/.hidden && chmod 600 /data/.hidden'
const written = ['.hidden', 'base', 'base/1', 'base/1/2']

async function inNode({ engine, name }: { engine: DockerEngine; name: string }, service: string, command: string) {
  const { id = '' } = (await engine.containers(name)).find((each) => each.service === service) ?? {}
  return execIn(engine, engine.docker.getContainer(id), ['sh', '-c', command], { user: 'root' })
}
async function kept(world: SmallWorld, service: string): Promise<string[]> {
  const said = await inNode(world, service, 'find /data -mindepth 1 -printf "%P\\n"')
  return said.split('\n').filter(Boolean).toSorted()
}

test('a node comes back without anything that it had stored, and its neighbour has all of its own', async () => {
  await using world = await worldOfDisks('blackstart-test-disk-loss')
  for (const service of ['a-1', 'b-1']) await inNode(world, service, write)
  expect(await kept(world, 'a-1')).toEqual(written)
  const order = orderOf(lost(node('a-1')), world)
  const prepared = await diskLoss.prepare(order, world.context)
  expect(await kept(world, 'a-1'), 'nothing is lost before the act').toEqual(written)

  const active = await prepared.inject('f1')
  expect(active.lastActMs - active.firstActMs).toBeLessThan(50)
  await expect.poll(async () => (await statesOf(world))['a-1'], { timeout: 10_000 }).toBe('exited')
  const [claim] = diskLoss.claims?.(order, world.context) ?? []
  expect(await claim?.look()).toEqual({ holds: true, evidence: 'nothing is left on the volumes of a-1' })
  await active.heal()
  await active.heal()

  expect(await statesOf(world)).toEqual({ 'a-1': 'running', 'b-1': 'running', 'c-1': 'running', 'plain-1': 'running' })
  expect(await kept(world, 'a-1')).toEqual([])
  expect(await kept(world, 'b-1')).toEqual(written)
  expect(world.context.undo.entries()).toEqual([])
  // Healed is healed: what it stores from now on is its own.
  await inNode(world, 'a-1', write)
  expect((await healAll(world.engine, world.name)).healed).toEqual([])
  expect(await kept(world, 'a-1')).toEqual(written)
  const still = await diskLoss.claims?.(order, world.context)[0]?.look()
  expect(still).toEqual({ holds: false, seen: '4 files and folders are left on the volumes of a-1' })
})

test('of a region those lose their disks that have one', async () => {
  await using world = await worldOfDisks('blackstart-test-disk-region')
  await inNode(world, 'a-1', write)
  const prepared = await diskLoss.prepare(orderOf(lost({ scope: 'region', name: 'east' }), world), world.context)
  const active = await prepared.inject('f1')
  expect(active.acts).toBe(2)
  await active.heal()
  expect(await kept(world, 'a-1')).toEqual([])
})

test('a harness that dies before the disk is empty leaves it to the next heal', async () => {
  await using world = await worldOfDisks('blackstart-test-disk-orphan')
  for (const service of ['a-1', 'b-1']) await inNode(world, service, write)
  await world.context.undo.write('f1', { do: 'start-emptied', containers: ['a-1', 'b-1', 'plain-1'] })
  for (const { service, id } of await world.engine.containers(world.name))
    if (service === 'a-1' || service === 'plain-1') await world.engine.docker.getContainer(id).kill()
  const { healed } = await healAll(world.engine, world.name)
  expect(healed.toSorted()).toEqual(['a-1: started', 'plain-1: started'])
  expect(await kept(world, 'a-1')).toEqual([])
  // It had not come to this one, and what runs keeps its disk.
  expect(await kept(world, 'b-1')).toEqual(written)
})

test.each([
  ['plain-1', /plain-1: no volume that could be lost/],
  ['c-1', /the volume \S+-foreign of c-1 was not made for the world/],
  ['b-1', /the volume \S+-b of b-1 is used by \S+-guest as well, which the fault does not take/],
])('%s is refused before anything is touched', async (name, message) => {
  await using world = await worldOfDisks('blackstart-test-disk-refused')
  const guest = await world.engine.docker.createContainer({
    name: `${world.name}-guest`,
    Image: 'blackstart/services',
    Labels: { 'blackstart.world': world.name, 'blackstart.role': 'guest' },
    HostConfig: { Binds: [`${world.name}-b:/theirs:ro`] },
  })
  await inNode(world, name, name === 'plain-1' ? 'true' : write)
  const refused = diskLoss.prepare(orderOf(lost(node(name)), world), world.context)
  await expect(refused).rejects.toThrow(message)
  await expect(refused).rejects.toBeInstanceOf(Unavailable)
  expect((await statesOf(world))[name]).toBe('running')
  if (name !== 'plain-1') expect(await kept(world, name)).toEqual(written)
  await guest.remove({ force: true })
})
