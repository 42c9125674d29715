// Goal: a system that cannot come up is told in a sentence of its own, names what is to blame, and is removed to the last
// network: an image that is not to be had, a port that nobody serves, a service that never gets ready, a wrong password.
// Method: Compose files of one or two small services, brought up in a folder of their own on the real engine.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { codeOf } from '../../chaos/cli/failure.ts'
import { DockerEngine } from '../../chaos/engine/docker/engine.ts'
import { EXIT } from '../../chaos/errors.ts'
import { down } from '../../chaos/world/down.ts'
import { lockWorld } from '../../chaos/world/lock.ts'
import { up } from '../../chaos/world/up.ts'

const world = 'blackstart-test-bad-days'
const engine = new DockerEngine()
const before = process.env['BLACKSTART_WORK_DIR']
let folder: string
let lock: Disposable

beforeEach(() => {
  lock = lockWorld(world)
  folder = mkdtempSync(join(tmpdir(), 'blackstart-bad-days-'))
  process.env['BLACKSTART_WORK_DIR'] = folder
})
afterEach(async () => {
  await down(engine, world)
  rmSync(folder, { recursive: true, force: true })
  if (before === undefined) delete process.env['BLACKSTART_WORK_DIR']
  else process.env['BLACKSTART_WORK_DIR'] = before
  lock[Symbol.dispose]()
})

/** Brings it up, which must fail with status 3. Returns the message. */
async function failure(services: object, { more = {}, env = '', readyLimitMs = 12_000 } = {}): Promise<string> {
  const sites = { east: { services: Object.keys(services) } }
  // JSON is YAML.
  writeFileSync(join(folder, 'compose.yml'), JSON.stringify({ name: 'bad', services }))
  writeFileSync(join(folder, 'blackstart.yaml'), JSON.stringify({ sites, ...more }))
  writeFileSync(join(folder, '.env'), env)
  const error = await up({ engine, world, readyLimitMs }).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error, 'it came up').toBeInstanceOf(Error)
  expect(codeOf(error)).toBe(EXIT.notReady)
  return (error as Error).message
}

const idle = (words: string) => ({
  image: 'blackstart/services',
  command: ['-e', `console.log(${JSON.stringify(words)}); setInterval(() => {}, 1000)`],
})

test('an image that is not to be had: before anything is made', async () => {
  const shop = { image: 'nowhere.invalid/acme/shop:1', expose: ['80'] }
  const message = await failure({ shop, other: idle('here') })
  expect(message).toMatch(
    /^the image nowhere\.invalid\/acme\/shop:1 of shop is not on this machine and cannot be pulled: .+\n {2}what to do: /,
  )
  expect(message).not.toContain('other')
  expect(await engine.belongings(world)).toEqual([])
})

test('a port that nobody serves: its service, the port, and the last words of the service', async () => {
  const message = await failure({ api: { ...idle('waiting for the tide'), expose: ['9999'] } })
  expect(message).toMatch(
    /last seen: api does not listen at 9999\napi \(running\) said last:\n {2}.*waiting for the tide$/,
  )
  await down(engine, world)
  expect(await engine.belongings(world)).toEqual([])
})

test('a service whose health check never holds', async () => {
  const sick = { ...idle('no cure yet'), healthcheck: { test: ['CMD', 'false'], interval: '1s', retries: 1000 } }
  expect(await failure({ sick })).toMatch(
    /last seen: sick is not healthy yet\nsick \(running\) said last:\n {2}.*no cure yet$/,
  )
})

test('a wrong password: told as that, and not waited for until the end', async () => {
  const startMs = performance.now()
  const store = { image: 'blackstart/store', command: ['--requirepass', 'right', '--save', ''] }
  const databases = [{ nodes: ['store'], engine: 'redis', passwordFrom: 'STORE_PASSWORD' }]
  expect(
    await failure({ store }, { more: { databases }, env: 'STORE_PASSWORD=wrong\n', readyLimitMs: 60_000 }),
  ).toMatch(
    /cannot become ready: store does not let Blackstart in \(default user, password of STORE_PASSWORD\): WRONGPASS .*"passwordFrom" of "databases" in blackstart\.yaml/,
  )
  expect(performance.now() - startMs).toBeLessThan(50_000)
})
