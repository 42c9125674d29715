// Goal: a world is brought up and taken down by clicks, and what cannot be done in it is refused with the reason, on the
// page as in a terminal.
//
//   Bring … up ──► on the map ──► Replay: refused ──► Take … down ──► not up
//
// Method: a folder with a Compose file of two services that only wait, the page in a real Chromium, and its orders as
// commands of their own.
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest'
import { CommandHands } from '../../chaos/cli/ui-hands.ts'
import { DockerEngine } from '../../chaos/engine/docker/engine.ts'
import { down } from '../../chaos/world/down.ts'
import { closeBrowser, openPage, openRoomOf, seen } from '../browser/room.ts'

const world = 'blackstart-test-by-clicks'
const engine = new DockerEngine()
const waits = { image: 'blackstart/services', command: ['-e', 'setInterval(() => {}, 1000)'] }
const run = '2026-01-01T000000Z-met'
/** Commands take seconds beside other tests. */
const patient = { timeout: 60_000, interval: 200 }
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'blackstart-by-clicks-'))
  vi.stubEnv('BLACKSTART_WORK_DIR', folder)
  // JSON is YAML.
  writeFileSync(join(folder, 'compose.yml'), JSON.stringify({ name: 'waits', services: { one: waits, two: waits } }))
  writeFileSync(
    join(folder, 'blackstart.yaml'),
    JSON.stringify({ sites: { east: { services: ['one'] }, west: { services: ['two'] } } }),
  )
  mkdirSync(join(folder, 'runs', run), { recursive: true })
  const journal = fileURLToPath(new URL('../journals/met.ndjson', import.meta.url))
  cpSync(journal, join(folder, 'runs', run, 'journal.ndjson'))
})
afterEach(async () => {
  await down(engine, world)
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})
afterAll(closeBrowser)

test('up, what is refused, and down', { timeout: 180_000 }, async () => {
  const { page } = await openPage(await openRoomOf(new CommandHands(world)), { hash: '#/runs' })
  await expect.poll(() => seen(page.locator('.runs')), patient).toContain('None can be replayed now')
  expect(await page.getByRole('button', { name: `Replay ${run}` }).count()).toBe(0)

  await page.getByRole('link', { name: 'Now' }).click()
  await page.getByRole('button', { name: `Bring ${world} up` }).click()
  await expect.poll(() => seen(page.locator('.standing')), patient).toContain(`world ${world} is up`)
  await expect.poll(() => page.locator('[data-order=done]').count(), patient).toBe(1)
  await expect.poll(() => seen(page.locator('.map')), patient).toMatch(/one[\s\S]*two|two[\s\S]*one/)

  await page.getByRole('link', { name: 'Runs' }).click()
  await page.getByRole('button', { name: `Replay ${run}` }).click()
  const refused = page.locator('[data-order=refused]')
  await expect.poll(() => seen(refused), patient).toContain(`npx blackstart replay --world ${world} ${run}`)
  await expect.poll(() => seen(page.locator('[aria-labelledby=run-title]')), patient).toContain('None applies')

  const takeDown = page.getByRole('button', { name: `Take ${world} down` })
  await expect
    .poll(async () => {
      // A look at the world that failed closes it again.
      if (!(await takeDown.isVisible())) await page.getByText('Take it down').click()
      return takeDown.isVisible()
    }, patient)
    .toBe(true)
  await takeDown.click()
  await expect.poll(() => seen(page.locator('.standing')), patient).toContain(`world ${world} is not up`)
  await expect.poll(() => engine.belongings(world), patient).toEqual([])
})
