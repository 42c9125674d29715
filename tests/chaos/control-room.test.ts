// Goal: a region is lost and brought back by clicks alone, and the page ends at the verdict that the run's folder has.
//
//   click region ──► break ──► seen on the map ──► heal ──► verdict
//
// Method: the page in a real Chromium; its orders are commands like any others, in a real world.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CommandHands } from '../../chaos/cli/ui-hands.ts'
import { findRun, readVerdictFile } from '../../chaos/run/folder.ts'
import { closeBrowser, openPage, openRoomOf, seen } from '../browser/room.ts'
import { referenceWorld, type TestWorld } from './world.ts'

let world: TestWorld
beforeAll(async () => {
  world = await referenceWorld()
})
afterAll(closeBrowser)

/** Of a page that shows a drill: nothing is quicker than what it waits for. */
const patient = { timeout: 180_000, interval: 500 }

test('a region is broken and healed by clicks, and the verdict on the page is that of the run', async () => {
  const { page } = await openPage(await openRoomOf(new CommandHands(world.name)))
  // The shelf of public outages, with their stories.
  const shelf = page.locator('[aria-labelledby=run-title]')
  await expect.poll(() => shelf.locator('optgroup').count(), patient).toBe(3)
  await shelf.locator('select').selectOption('suite:smoke')
  await expect.poll(() => shelf.getByRole('button').allInnerTexts(), patient).toEqual(['Run the suite smoke'])
  await shelf.locator('select').selectOption('meta-2021')
  await expect.poll(() => seen(shelf), patient).toContain('Meta, 2021-10-04: Facebook, Instagram')
  await shelf.locator('select').selectOption('region-kill')

  const west = page.locator('.map .pick', { hasText: 'region west' })
  await expect.poll(() => west.count(), patient).toBe(1)
  await west.click()
  const order = page.getByRole('button', { name: 'Break region west: kill' })
  await expect.poll(() => order.count(), patient).toBe(1)
  await page.getByLabel('Heal it after').fill('')
  await order.click()

  // Until the drill begins the page shows the run before it, whose fault was proved, too.
  const nodes = world.topology.nodes.filter(({ site, role }) => site === 'west' && role !== 'link')
  for (const { name } of nodes)
    await expect
      .poll(() => page.locator(`[data-node="${name}"].is-broken`).count(), { ...patient, message: name })
      .toBe(1)
  await expect.poll(() => seen(page.locator('.faults')), patient).toContain('proved after')

  // Whoever comes second is told who has the world.
  await page.getByRole('button', { name: /^Run / }).click()
  await expect.poll(() => seen(page.locator('[data-order=refused]')), patient).toContain('is used by')

  await page.getByRole('button', { name: 'Heal kill region west' }).click()
  await expect.poll(() => seen(page.locator('.faults')), patient).toContain('healed at')
  // The drill would go on for a while, so that another fault could follow. This ends it.
  await page.getByRole('button', { name: 'Heal everything' }).click()
  await expect.poll(() => page.locator('[data-verdict]').count(), patient).toBe(1)
  const verdict = readVerdictFile(findRun('last')) as { verdict: string; summary: string }
  expect(await page.locator('[data-verdict]').getAttribute('data-verdict')).toBe(verdict.verdict)
  expect(await seen(page.locator('.verdict-panel .summary'))).toBe(verdict.summary)
})
