// Goal: a command that is still running at its limit is ended, with all that it started, and nothing else in the
// container is touched; so is one that says too much.
// Method: a real container, whose own processes are counted before and after.
import { expect, test } from 'vitest'
import { TooMuchOutput } from '../../chaos/engine/engine.ts'
import { WaitError } from '../../chaos/wait.ts'
import { smallWorld } from './harness/small-world.ts'

const limits = { limitMs: 1_000, mostBytes: 1_000 }

test('what a command left running is ended, and the node is not', async () => {
  await using world = await smallWorld('blackstart-test-exec', { 'a-1': 'east' })
  const [container = { id: '' }] = await world.engine.containers(world.name)
  const processes = async () => {
    const { Processes } = await world.engine.docker.getContainer(container.id).top({ ps_args: '-eo pid,args' })
    return Processes.map(([, args]: string[]) => args).toSorted()
  }
  // A process that was just forked is called like its parent.
  const before = ['sh -c sleep 600 & sleep 600 & wait', 'sleep 600', 'sleep 600']
  await expect.poll(processes).toEqual(before)
  const nested = ['sh', '-c', 'sleep 901 & (sleep 902; true) & exec sleep 903']
  await expect(world.engine.run(container, nested, limits)).rejects.toThrow(WaitError)
  await expect.poll(processes).toEqual(before)
  await expect(world.engine.run(container, ['sh', '-c', 'yes; sleep 904'], limits)).rejects.toThrow(TooMuchOutput)
  await expect.poll(processes).toEqual(before)
  expect(await world.engine.run(container, ['echo', 'on'], limits)).toMatchObject({ exitStatus: 0, output: 'on\n' })
})
