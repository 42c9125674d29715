// Goal: the page beside a command shows that command's run from its first second, and still shows the verdict when the
// command has done its work.
// Method: a real command with its page's process; its run is the journal of a real trial, written on bit by bit; a real
// Chromium; no Docker.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { writeReadings } from '../../chaos/run/readings.ts'
import { isAlive, paged } from '../unit/cli/harness/paged-process.ts'
import { closeBrowser, GrowingRun, openPage, recorded, seen } from './room.ts'

const lines = recorded('region-kill')

afterAll(closeBrowser)

test('the run of a command, from before it begins until its page is closed', async () => {
  const runs = mkdtempSync(join(tmpdir(), 'blackstart-beside-'))
  onTestFinished(() => rmSync(runs, { recursive: true, force: true }))
  const before = new GrowingRun(runs, '2026-01-01T000000Z-switchover', recorded('switchover'))
  before.writeUntil()
  const command = await paged(runs, 'stays')
  const { page, complaints } = await openPage({ room: command })
  await expect.poll(() => seen(page.locator('main'))).toContain('Nothing is recorded yet')

  const run = new GrowingRun(runs, '2026-01-02T000000Z-region-kill', lines)
  run.writeUntil((event) => event.kind === 'fault.proved')
  await expect.poll(() => seen(page.locator('.title'))).toContain(run.name)
  await expect.poll(() => seen(page.locator('.faults'))).toContain('proved after')

  run.writeUntil()
  const { verdict } = await writeReadings(run.folder)
  command.finish(1)
  await expect.poll(command.said).toContain('stays open')
  await expect.poll(() => page.locator('[data-verdict]').getAttribute('data-verdict')).toBe(verdict.verdict)
  await page.getByRole('link', { name: 'Open the report' }).click()
  await expect.poll(() => seen(page.frameLocator('iframe').locator('h1'))).not.toBe('')
  expect(complaints).toEqual([])

  await page.close()
  expect(await command.ended).toBe(1)
  await expect.poll(() => isAlive(command.page)).toBe(false)
})
