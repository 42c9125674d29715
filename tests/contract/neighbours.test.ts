// Goal: a link gives up a neighbour that died within moments, on each of its networks, also after it was started again;
// on any engine. What starts with the same script (databases, routers) does the same.
//   east-1 (dies) ──── link-east-west ──── west-1 (dies)
// Method: connections from inside the link to addresses that have just died. The kernel by itself believes for half a
// minute, and then asks for 3 s.
import { expect, test } from 'vitest'
import { execIn } from '../../chaos/engine/docker/exec.ts'
import { waitUntil } from '../../chaos/wait.ts'
import { linkName, names, type QuickWorld, quickWorld } from './harness/quick-world.ts'

/** Connects to an address from inside a container; says how that ended and how many milliseconds it took. */
const dial =
  'began=${EPOCHREALTIME/./}; said=$( (exec 3<> "/dev/tcp/$0/7000") 2>&1); echo "$(( (${EPOCHREALTIME/./} - began) / 1000 )) ${said:-connected}"'

test('a neighbour that died is given up, on each network, and again after the link was started anew', async () => {
  await using world = await quickWorld('blackstart-test-neighbours')
  const nodes = names.nodes.filter((node) => node.endsWith('-1') && node !== 'disk-1')
  for (const round of ['first start', 'second start']) {
    for (const node of nodes) {
      const address = await addressOf(world, node)
      await waitUntil(
        async () => {
          const { said } = await dialled(world, address)
          return said === 'connected' ? { done: true, value: undefined } : { done: false, seen: said }
        },
        { until: `${node} accepts connections`, limitMs: 20_000 },
      )
      await (await containerOf(world, node)).kill()
      // The first may meet a kernel that still believes: TCP tries again after a second, and after another. From then
      // on it knows.
      const answers: Awaited<ReturnType<typeof dialled>>[] = []
      for (let tries = 0; tries < 8; tries++) answers.push(await dialled(world, address))
      expect(
        answers.map(({ said }) => said),
        `${node}, ${round}`,
      ).toEqual(answers.map(() => expect.stringMatching(/No route to host/)))
      const [first = Number.NaN, ...next] = answers.map(({ ms }) => ms)
      expect(first, `${node}, ${round}`).toBeLessThan(4_000)
      // All that is meant for a dead node waits for these, one after the other. A busy machine makes single ones longer.
      expect(Math.min(...next), `${node}, ${round}`).toBeLessThan(80)
      await (await containerOf(world, node)).start()
    }
    const link = await containerOf(world, linkName)
    await link.kill()
    await link.start()
  }
})

async function containerOf({ engine, name }: QuickWorld, node: string) {
  const found = (await engine.containers(name)).find(({ service }) => service === node)
  if (!found) throw new Error(`${node} has no container`)
  return engine.docker.getContainer(found.id)
}

async function addressOf(world: QuickWorld, node: string): Promise<string> {
  const { NetworkSettings } = await (await containerOf(world, node)).inspect()
  return Object.values(NetworkSettings.Networks)[0]?.IPAddress ?? ''
}

async function dialled(world: QuickWorld, address: string): Promise<{ ms: number; said: string }> {
  const answer = await execIn(world.engine, await containerOf(world, linkName), ['bash', '-c', dial, address])
  const [, ms = '', said = ''] = /^(\d+) (.*)/.exec(answer.trim()) ?? []
  return { ms: Number(ms), said }
}
