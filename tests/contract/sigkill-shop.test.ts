// Goal: a generated world, too, is whole after the next heal, whoever was killed while breaking or healing it, at
// whatever moment; and what is not labelled as the world's is never touched, however alike it is called.
// Method: as sigkill.test.ts, with the shop: one link routes packets, the others relay. Before and after each heal the
// world is looked at from outside, and what it lost or gained is named. As many kills as fit into 20 s;
// BLACKSTART_KILLS=200 for more, BLACKSTART_SEED=<n> for the same faults and moments.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DockerEngine } from '../../chaos/engine/docker/engine.ts'
import type { Topology } from '../../chaos/topology/topology.ts'
import { down } from '../../chaos/world/down.ts'
import { lockWorld } from '../../chaos/world/lock.ts'
import { notReady } from '../../chaos/world/ready.ts'
import { up } from '../../chaos/world/up.ts'
import { heal, killAndHeal, timeoutFor } from './harness/kills.ts'
import { shopKinds } from './harness/shop-orders.ts'
import { differences, linesOf, untouched } from './harness/shop-sight.ts'

const world = 'blackstart-test-shop-kill'
/** A database that was killed takes its time. */
const bootMs = 20_000

const engine = new DockerEngine()
const before = process.env['BLACKSTART_WORK_DIR']
/** Called as nodes of the world are, of its Compose project even, and without its label; and a node of another world. */
const strangers = [`${world}-stranger`, `${world}-other`]
let folder: string
let topology: Topology
let lock: Disposable
let sound: string[]

beforeAll(async () => {
  lock = lockWorld(world)
  folder = mkdtempSync(join(tmpdir(), 'blackstart-shop-kill-'))
  cpSync(fileURLToPath(new URL('./shop', import.meta.url)), folder, { recursive: true })
  const file = join(folder, 'blackstart.yaml')
  const links = 'default: { latencyMs: 5 }'
  writeFileSync(file, readFileSync(file, 'utf8').replace(links, `${links}\n  east-west: { via: route }`))
  process.env['BLACKSTART_WORK_DIR'] = folder
  await down(engine, world)
  removeStrangers()
  topology = await up({ engine, world })
  const labels = (of: string[]) => of.flatMap((label) => ['--label', label])
  const names = ['com.docker.compose.service=api-1', `com.docker.compose.project=${world}`]
  const other = ['com.docker.compose.service=db-2', `blackstart.world=${world}-2`, 'blackstart.region=west']
  for (const [name = '', of] of [[strangers[0], names] as const, [strangers[1], other] as const])
    execFileSync('docker', ['run', '-d', '--name', name, ...labels(of), 'blackstart/helper', 'sleep', '7200'])
  sound = await linesOf(world)
})
afterAll(async () => {
  removeStrangers()
  await down(engine, world)
  rmSync(folder, { recursive: true, force: true })
  if (before === undefined) delete process.env['BLACKSTART_WORK_DIR']
  else process.env['BLACKSTART_WORK_DIR'] = before
  lock[Symbol.dispose]()
})

function removeStrangers(): void {
  execFileSync('docker', ['rm', '--force', ...strangers], { stdio: 'ignore' })
}

test('whatever was killed while breaking the shop, the next heal makes it whole, and touches nothing else', {
  timeout: timeoutFor(30_000),
}, async () => {
  const theirs = await untouched(strangers)
  await killAndHeal({
    world,
    kinds: shopKinds(topology),
    place: 'shop',
    usualMs: 20_000,
    healAndLook,
  })
  expect(await untouched(strangers)).toEqual(theirs)
})

/** What the next start does, and then what is different, for as long as nodes take to boot. */
async function healAndLook(): Promise<string[]> {
  const { said, hasFailed } = await heal(engine, world)
  const startMs = performance.now()
  for (;;) {
    const left = differences(sound, await linesOf(world))
    // Beacons hear each other over every link, standbys follow and the gateway serves.
    if (left.length === 0) left.push(...(await notReady(topology)))
    if (left.length === 0 && !hasFailed) return []
    if (hasFailed || performance.now() - startMs > bootMs) return [...left, ...said]
    await delay(200)
  }
}
