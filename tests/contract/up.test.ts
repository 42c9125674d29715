// Goal: bringing up a world that cannot become ready says so at once, and why; and what it left half-made is removed to
// the last volume, at once.
// Method: idle containers on the real engine, one of which ends as a node with a broken start script does; Compose
// files with a service that the engine refuses to start, and an interrupt while the others are being made.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GenericContainer } from 'testcontainers'
import { afterAll, expect, test } from 'vitest'
import { DockerEngine } from '../../chaos/engine/docker/engine.ts'
import { down } from '../../chaos/world/down.ts'
import { untilUp, up } from '../../chaos/world/up.ts'
import { smallWorld } from './harness/small-world.ts'

test('a node that ends while the world starts is told with its last words, and not waited for', async () => {
  await using world = await smallWorld('blackstart-test-up', { 'a-1': 'east' })
  await new GenericContainer('blackstart/services')
    .withEntrypoint(['sh'])
    .withCommand(['-c', 'sleep 1; echo "a-10: no such setting" >&2; exit 4'])
    .withLabels({
      'blackstart.world': world.name,
      'blackstart.role': 'app',
      'blackstart.region': 'east',
      'com.docker.compose.service': 'a-10',
    })
    .start()
  const startedMs = performance.now()
  const failure = await untilUp({ engine: world.engine, world: world.name }).catch((error: unknown) => error as Error)
  expect(String(failure)).toMatch(
    /^EnvironmentError: the world blackstart-test-up cannot become ready: a-10 exited\na-10 \(exited\) said last:\n {2}.*a-10: no such setting$/,
  )
  expect(performance.now() - startedMs).toBeLessThan(20_000)
})

const folder = mkdtempSync(join(tmpdir(), 'blackstart-up-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A Compose file of idle nodes with a volume each, all on one network, and of more services as they are given here. */
function composeFile(nodes: number, ...more: string[]): string {
  const idle = (name: string) =>
    `  ${name}:\n    <<: *idle\n    volumes: [{ type: volume, source: ${name}, target: /data }]\n`
  const names = Array.from({ length: nodes }, (_, index) => `node-${index + 1}`)
  const labels = '{ blackstart.world: $BLACKSTART_WORLD }'
  const path = join(folder, `${nodes}.yml`)
  writeFileSync(
    path,
    [
      'x-idle: &idle',
      '  image: blackstart/services',
      '  pull_policy: never',
      '  entrypoint: [sleep, "600"]',
      '  stop_grace_period: 1s',
      '  networks: [east]',
      `  labels: { blackstart.world: $BLACKSTART_WORLD, blackstart.role: app, blackstart.region: east }`,
      'services:',
      ...names.map(idle),
      ...more,
      `networks: { east: { labels: ${labels} } }`,
      'volumes:',
      ...names.map((name) => `  ${name}: { labels: ${labels} }`),
      '',
    ].join('\n'),
  )
  return path
}

async function left(engine: DockerEngine, world: string): Promise<string[]> {
  const filters = { label: [`blackstart.world=${world}`] }
  const [containers, networks, { Volumes: volumes }] = await Promise.all([
    engine.docker.listContainers({ all: true, filters }),
    engine.docker.listNetworks({ filters }),
    engine.docker.listVolumes({ filters }),
  ])
  return [
    ...containers.map(({ Names, State }) => `${Names[0]} (${State})`),
    ...networks.map(({ Name }) => Name),
    ...(volumes ?? []).map(({ Name }) => Name),
  ]
}

test('down right after an up that the engine refused half-way leaves nothing, containers that never started included', async () => {
  const world = 'blackstart-test-half-up'
  const engine = new DockerEngine()
  await down(engine, world)
  const file = composeFile(
    6,
    '  refused:\n    <<: *idle\n    depends_on: [node-1]\n    sysctls: { net.ipv4.no_such_setting: "1" }\n',
  )
  const failure = await up({ engine, world, files: [file] }).catch((error: unknown) => error as Error)
  expect(String(failure)).toMatch(/^EnvironmentError: "docker compose .*" ended with status \d+:\n[^]*no_such_setting/)
  expect((await left(engine, world)).join()).toMatch(/\(created\)/)
  expect(await down(engine, world)).toEqual({ containers: 7, networks: 1, volumes: 6 })
  expect(await left(engine, world)).toEqual([])
})

test('down after an up that was interrupted while Compose made containers leaves nothing, and nothing is made after it', async () => {
  const world = 'blackstart-test-cut-up'
  const engine = new DockerEngine()
  await down(engine, world)
  const stop = new AbortController()
  const interrupted = new Error('interrupted')
  const progress = (text: string) => {
    if (/Container .*Start/.test(text)) stop.abort(interrupted)
  }
  const file = composeFile(8)
  await expect(up({ engine, world, files: [file], signal: stop.signal, progress })).rejects.toBe(interrupted)
  // Nobody is left who would make another.
  expect(
    execFileSync('ps', ['-eo', 'args'])
      .toString()
      .split('\n')
      .filter((line) => line.includes(file)),
  ).toEqual([])
  await down(engine, world)
  expect(await left(engine, world)).toEqual([])
})
