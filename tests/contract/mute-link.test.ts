// Goal: a link whose Toxiproxy takes no orders any more, as it does for good when bytes that it holds are no longer taken,
// is whole after the next heal; what is asked of it meanwhile is told as not done.
//
//   pusher ──► link-east-west (its Toxiproxy) ──► east-1, whose program stands still: its buffers fill up
//
// Method: the real Toxiproxy, in the state in which it was found after 87 kills of a storm. The program is stopped by a
// signal: a container that is paused is thawed by the heal, and then Toxiproxy may take orders again before it is asked.
import { expect, test } from 'vitest'
import { fault } from '../../chaos/scenarios/define.ts'
import { faultNamed } from '../../chaos/scenarios/kinds.ts'
import { orderOf } from '../../chaos/scenarios/order.ts'
import { waitUntil } from '../../chaos/wait.ts'
import { healAll } from '../../chaos/world/undo.ts'
import { proxiesNow, untilLinkIsSound } from './harness/outside.ts'
import { link, linkName, names, quickWorld, sound } from './harness/quick-world.ts'

test('a Toxiproxy that takes no orders is started anew by the next heal, which says so', async () => {
  await using world = await quickWorld('blackstart-test-mute')
  const { engine, name, context } = world
  await untilLinkIsSound(name, { limitMs: 20_000 })
  const containers = await engine.containers(name)
  const of = (node: string) => containers.find(({ service }) => service === node) ?? { id: '' }
  // To every process of the container but its first one.
  const signal = (name: 'STOP' | 'CONT') => engine.exec(of('east-1'), ['sh', '-c', `kill -${name} -1`])
  await signal('STOP')
  const push = `exec 3<>/dev/tcp/127.0.0.1/${sound.proxies['east-1.echo']}; exec cat /dev/zero >&3`
  const pusher = await engine.docker.getContainer(of(linkName).id).exec({ Cmd: ['bash', '-c', push] })
  await pusher.start({ Detach: true })
  let last = 0
  await waitUntil(
    async () => {
      const [waiting = 0, before] = [await bytesHeld(), last]
      last = waiting
      return waiting > 0 && waiting === before ? { done: true, value: undefined } : { done: false, seen: `${waiting}` }
    },
    { until: 'the link holds bytes that nobody takes', limitMs: 20_000, everyMs: 300 },
  )

  const slow = fault('slow', link(names.sites[0], names.sites[1]), { lasting: 1, latencyMs: 40 })
  const prepared = await faultNamed('slow').prepare(orderOf(slow, context.topology, { primary: undefined }), context)
  await expect(prepared.inject('f1')).rejects.toThrow('did not follow')
  await prepared.dispose()

  const { healed } = await healAll(engine, name)
  expect(healed[0]).toBe(`${linkName}: started anew, since its Toxiproxy took no orders`)
  await signal('CONT')
  await untilLinkIsSound(name, { limitMs: 20_000 })
  const toxics = Object.values((await proxiesNow(name)) ?? {}).map(({ toxics }) => toxics.map((t) => t.name).toSorted())
  expect(toxics).toEqual([
    ['base-down', 'base-up'],
    ['base-down', 'base-up'],
  ])
  expect((await healAll(engine, name)).healed).toEqual([])

  /** In the link's connection to the node that stands still. */
  async function bytesHeld(): Promise<number> {
    const said = await engine.exec(of(linkName), ['ss', '-Htn', 'state', 'established', '( dport = :7000 )'])
    return Number(said.trim().split(/\s+/)[1] ?? 0)
  }
})
