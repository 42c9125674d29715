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
import { messageOf } from '../../chaos/errors.ts'
import { healLeftovers } from '../../chaos/run/execute.ts'
import { seededRandom } from '../../chaos/run/random.ts'
import type { Topology } from '../../chaos/topology/topology.ts'
import { down } from '../../chaos/world/down.ts'
import { lockWorld } from '../../chaos/world/lock.ts'
import { notReady } from '../../chaos/world/ready.ts'
import { up } from '../../chaos/world/up.ts'
import { Histogram } from './harness/histogram.ts'
import { shopKinds } from './harness/shop-orders.ts'
import { differences, linesOf, untouched } from './harness/shop-sight.ts'
import { phases, StormChild, type UnderWay } from './harness/storm-child.ts'

const world = 'blackstart-test-shop-kill'
const seed = Number(process.env['BLACKSTART_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
const wishedKills = Number(process.env['BLACKSTART_KILLS'] ?? 0)
const usualMs = 20_000
const enoughKills = 200
const withinPhaseMs = { preparing: 300, injecting: 60, active: 600, healing: 400 }
const phaseLimitMs = 3_000
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
    execFileSync('docker', ['run', '-d', '--name', name, ...labels(of), 'blackstart/helper', 'sleep', '600'])
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
  timeout: 600_000 + wishedKills * 30_000,
}, async () => {
  const kinds = shopKinds(topology)
  const theirs = await untouched(strangers)
  const random = seededRandom(seed)
  const histogram = new Histogram(kinds, phases)
  const startMs = performance.now()
  const defects: string[] = []
  let kills = 0
  let aim = histogram.rarest(random)
  const start = () => new StormChild({ world, seed: (seed + kills) % 2 ** 31, wanted: aim.kind, place: 'shop' })
  let storm = start()
  try {
    while (wishedKills > 0 ? kills < wishedKills : performance.now() - startMs < usualMs) {
      await storm.begin()
      await storm.reaches(aim.kind, aim.phase, phaseLimitMs)
      await delay(random() * withinPhaseMs[aim.phase])
      const underWay = await storm.kill()
      const { failure } = storm
      for (const { kind, phase } of underWay) histogram.count(kind, phase)
      kills++
      aim = histogram.rarest(random)
      storm = start()
      const left = [...failures(failure), ...(await healAndLook())]
      if (left.length > 0) defects.push(`kill ${kills}, under way: ${describe(underWay)}\n    ${left.join('\n    ')}`)
      if (left.length > 0 && (await healAndLook()).length > 0) break
    }
  } finally {
    await storm.kill()
    process.stderr.write(
      `${kills} kills in ${((performance.now() - startMs) / 1000).toFixed(0)} s (seed ${seed})\n${histogram.table()}\n`,
    )
  }
  if (defects.length > 0)
    throw new Error(
      `${defects.length} of ${kills} kills left something (BLACKSTART_SEED=${seed} BLACKSTART_KILLS=${kills}):\n  ${defects.join('\n  ')}`,
    )
  expect(kills).toBeGreaterThan(0)
  expect(await untouched(strangers)).toEqual(theirs)
  if (kills >= enoughKills) expect(histogram.missing(), 'kinds that were never hit').toEqual([])
})

/** The engine does not freeze a container in which a health check begins just then; a fault says so, and is healed. */
function failures(failure: string | undefined): string[] {
  return failure === undefined || failure.includes('unable to freeze')
    ? []
    : [`before it was killed, it failed: ${failure}`]
}

/** What the next start does, and then what is different, for as long as nodes take to boot. */
async function healAndLook(): Promise<string[]> {
  const said: string[] = []
  try {
    await healLeftovers(engine, world, (text) => said.push(text))
  } catch (error) {
    said.push(`heal failed: ${messageOf(error)}`)
  }
  const startMs = performance.now()
  for (;;) {
    const left = differences(sound, await linesOf(world))
    // Beacons hear each other over every link, standbys follow and the gateway serves.
    if (left.length === 0) left.push(...(await notReady(topology)))
    const failed = said.filter((text) => text.startsWith('heal failed'))
    if (left.length + failed.length === 0) return []
    if (failed.length > 0 || performance.now() - startMs > bootMs) return [...left, ...said]
    await delay(200)
  }
}

function describe(underWay: UnderWay[]): string {
  return underWay.map(({ phase, text }) => `${phase} ${text}`).join(', ') || 'nothing'
}
