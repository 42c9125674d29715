// Goal: the look from outside, by which healing is judged, sees each thing that a fault can leave behind, and names it.
// Method: each is planted in a sound world by hand, with the engine's, Toxiproxy's and netfilter's own means, and taken
// away again.
import { execFile } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { portOf } from '../../chaos/topology/topology.ts'
import { worldFolder } from '../../chaos/world/state.ts'
import { bytesStuck, leftIn, leftovers, lookAtWorld } from './harness/outside.ts'
import { linkName, type QuickWorld, quickWorld } from './harness/quick-world.ts'

const name = 'blackstart-test-outside'
const run = promisify(execFile)
let world: QuickWorld

beforeAll(async () => {
  world = await quickWorld(name)
  expect(await leftovers(name), 'before anything was planted').toEqual([])
})
afterAll(async () => {
  await world?.[Symbol.asyncDispose]()
})

const docker = async (...args: string[]) => {
  await run('docker', args)
}
const container = (service: string) => `${name}-${service}`
const inLink = (command: string) =>
  docker(
    'run',
    '--rm',
    '--network',
    `container:${container(linkName)}`,
    '--cap-add',
    'NET_ADMIN',
    'blackstart/helper',
    'sh',
    '-c',
    command,
  )
const labels = (role: string) => ['--label', `blackstart.world=${name}`, '--label', `blackstart.role=${role}`]
const visitor = (role: string) =>
  docker('run', '--detach', '--name', container(role), ...labels(role), 'blackstart/helper', 'sleep', '60')

async function toxiproxy(method: string, path: string, body?: object): Promise<void> {
  const node = world.context.topology.nodes.find((each) => each.name === linkName)
  const response = await fetch(`http://127.0.0.1:${node && portOf(node, 'api')}/proxies/${path}`, {
    method,
    ...(body && { body: JSON.stringify(body) }),
  })
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
}

const undoFolder = () => join(worldFolder(name), 'undo')
const base = {
  name: 'base-up',
  type: 'latency',
  stream: 'upstream',
  toxicity: 1,
  attributes: { latency: 3, jitter: 0 },
}

/** What is planted, how it is taken away, and how the look must name it. */
const plants: {
  what: string
  plant: () => Promise<unknown>
  away: () => Promise<unknown>
  named: string[]
  boots?: boolean
}[] = [
  {
    what: 'a paused container',
    plant: () => docker('pause', container('west-1')),
    away: () => docker('unpause', container('west-1')),
    named: ['west-1 is paused'],
  },
  {
    what: 'a stopped container',
    plant: () => docker('kill', container('east-1')),
    away: () => docker('start', container('east-1')),
    named: ['east-1 is exited'],
    boots: true,
  },
  {
    what: 'a stopped link',
    plant: () => docker('kill', container(linkName)),
    away: () => docker('start', container(linkName)),
    named: [`${linkName} is exited`],
    boots: true,
  },
  {
    what: 'a toxic',
    named: ['the proxy east-1.echo has the toxic blackstart-f1-upstream (timeout upstream )'],
    plant: () =>
      toxiproxy('POST', 'east-1.echo/toxics', {
        name: 'blackstart-f1-upstream',
        type: 'timeout',
        stream: 'upstream',
        attributes: { timeout: 0 },
      }),
    away: () => toxiproxy('DELETE', 'east-1.echo/toxics/blackstart-f1-upstream'),
  },
  {
    what: 'a lost base latency',
    named: ['the proxy west-1.echo lacks the toxic base-up (latency upstream 3)'],
    plant: () => toxiproxy('DELETE', 'west-1.echo/toxics/base-up'),
    away: () => toxiproxy('POST', 'west-1.echo/toxics', base),
  },
  {
    what: 'another base latency',
    named: [
      'the proxy west-1.echo has the toxic base-up (latency upstream 99)',
      'the proxy west-1.echo lacks the toxic base-up (latency upstream 3)',
    ],
    plant: () => toxiproxy('POST', 'west-1.echo/toxics/base-up', { attributes: { latency: 99 } }),
    away: () => toxiproxy('POST', 'west-1.echo/toxics/base-up', { attributes: { latency: 3 } }),
  },
  {
    what: 'a disabled proxy',
    named: ['the proxy west-1.echo is disabled'],
    plant: () => toxiproxy('POST', 'west-1.echo', { enabled: false }),
    away: () => toxiproxy('POST', 'west-1.echo', { enabled: true }),
  },
  {
    what: 'a netfilter table',
    named: ['netfilter at the link has inet blackstart_f1'],
    plant: () => inLink('nft add table inet blackstart_f1'),
    away: () => inLink('nft delete table inet blackstart_f1'),
  },
  {
    what: 'a quota',
    named: ['east-1 has the quota 50000/99991, not none', 'east-1 has the quota 50000/99991 in the kernel, not none'],
    plant: () => quota('east-1', 50_000, 99_991),
    away: () => quota('east-1', -1, 100_000),
  },
  {
    what: "the loss of a node's own quota",
    named: ['west-1 has the quota none, not 90000/100000', 'west-1 has the quota none in the kernel, not 90000/100000'],
    plant: () => quota('west-1', -1, 100_000),
    away: () => quota('west-1', 90_000, 100_000),
  },
  {
    what: 'a file on the disk',
    named: ['the disk holds .blackstart-balloon', 'the disk has 16773120 bytes free, not 16777216'],
    plant: () => docker('exec', container('disk-1'), 'sh', '-c', 'echo x > /data/.blackstart-balloon'),
    away: () => docker('exec', container('disk-1'), 'rm', '/data/.blackstart-balloon'),
  },
  {
    what: 'a file that was removed and is still being written',
    boots: true,
    named: ['the disk has 16773120 bytes free, not 16777216'],
    plant: () =>
      docker('exec', '--detach', container('disk-1'), 'sh', '-c', 'exec 3> /data/x; rm /data/x; echo x >&3; sleep 60'),
    away: () => docker('restart', container('disk-1')),
  },
  {
    what: 'an undo entry',
    named: ['the undo ledger has f1.json'],
    plant: async () => {
      mkdirSync(undoFolder(), { recursive: true })
      writeFileSync(join(undoFolder(), 'f1.json'), '{}')
    },
    away: async () => rmSync(join(undoFolder(), 'f1.json')),
  },
  {
    what: 'a helper',
    named: [`a container is left: helper ${container('helper')} (running)`],
    plant: () => visitor('helper'),
    away: () => docker('rm', '--force', container('helper')),
  },
  {
    what: 'a load generator',
    named: [`a container is left: load ${container('load')} (running)`],
    plant: () => visitor('load'),
    away: () => docker('rm', '--force', container('load')),
  },
]

async function quota(service: string, CpuQuota: number, CpuPeriod: number): Promise<void> {
  await world.engine.docker.getContainer(container(service)).update({ CpuQuota, CpuPeriod })
}

test.each(plants)('$what is seen', async ({ plant, away, named, boots = false }) => {
  await plant()
  try {
    // Where the kernel cannot be read from here, the engine is asked instead.
    const seen = await expectLeft(named.filter((line) => !line.includes('in the kernel')))
    for (const line of seen)
      expect(
        named.some((expected) => line === expected) ||
          /could not be seen|has not been seen|nothing that could be seen/.test(line),
        line,
      ).toBe(true)
  } finally {
    await away()
  }
  // The next look must see this one no more; a node that boots is waited for.
  if (boots) expect(await leftovers(name, { settleMs: 0 }), 'after it was taken away').toEqual([])
})

/** What takes a moment to show is looked for again. */
async function expectLeft(named: string[]): Promise<string[]> {
  let seen: string[] = []
  for (let looks = 0; looks < 5 && !named.every((line) => seen.includes(line)); looks++)
    seen = leftIn(await lookAtWorld(name))
  expect(seen).toEqual(expect.arrayContaining(named))
  return seen
}

test('a link that drops what it should carry is seen, in both directions', async () => {
  const chain = 'add chain inet blackstart_f1 c { type filter hook prerouting priority -400; }'
  await inLink(`nft "add table inet blackstart_f1; ${chain}; add rule inet blackstart_f1 c tcp dport 7000-7002 drop"`)
  try {
    const stuck = await bytesStuck(name)
    expect(stuck[0]).toContain('a byte from east-1 to west-1 did not come back')
    expect(stuck[1]).toContain('a byte from west-1 to east-1 did not come back')
  } finally {
    await inLink('nft delete table inet blackstart_f1')
  }
  expect(await leftovers(name, { settleMs: 0 })).toEqual([])
})
