// Goal: who started and who died in a world is told as it happens, once, and of nodes alone; the end of the engine is
// told, and an end of our own is not.
// Method: the engine's stream of events, written by the test.
import { PassThrough } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import type Docker from 'dockerode'
import { expect, test } from 'vitest'
import { DockerEngine } from '../../../chaos/engine/docker/engine.ts'
import type { EngineEvent } from '../../../chaos/engine/engine.ts'

async function following() {
  const stream = new PassThrough()
  const engine = new DockerEngine({ getEvents: async () => stream } as unknown as Docker)
  const saw: EngineEvent[] = []
  const lost: string[] = []
  const events = await engine.follow('w', { saw: (event) => saw.push(event), lost: (why) => lost.push(why) })
  const happens = (Action: string, attributes: Record<string, string>) =>
    stream.write(`${JSON.stringify({ Action, Actor: { Attributes: attributes } })}\n`)
  return { stream, happens, saw, lost, events }
}
const named = (service: string, role = 'database') => ({
  'com.docker.compose.service': service,
  'blackstart.role': role,
})

test('a start, a thaw, a death and a want of memory, each of a node', async () => {
  const { stream, happens, saw } = await following()
  happens('start', named('pg1'))
  happens('unpause', named('pg1'))
  happens('die', { ...named('pg1'), exitCode: '137' })
  happens('oom', named('pg2'))
  stream.write('no event\n')
  for (const role of ['load', 'helper', 'host']) happens('die', named('visitor', role))
  happens('die', { 'blackstart.role': 'database' })
  await turn()
  expect(saw).toEqual([
    { service: 'pg1', is: 'started' },
    { service: 'pg1', is: 'thawed' },
    { service: 'pg1', is: 'died', exitStatus: '137' },
    { service: 'pg2', is: 'out of memory' },
  ])
})

test('an engine that goes away is lost once', async () => {
  const { stream, lost } = await following()
  stream.destroy(new Error('socket hang up'))
  await expect.poll(() => lost).toEqual(['socket hang up'])
  await turn()
  expect(lost).toHaveLength(1)
})

test('who stops listening loses nothing, and is told nothing more', async () => {
  const { stream, happens, saw, lost, events } = await following()
  events.stop()
  happens('die', named('pg1'))
  await new Promise((closed) => (stream.closed ? closed(undefined) : stream.once('close', closed)))
  await turn()
  expect([saw, lost]).toEqual([[], []])
})
