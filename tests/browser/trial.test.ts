// Goal: a trial is seen from its first to its last second, and all that the page says is what the journal says.
// Method: the journal of a real trial, written on bit by bit into a folder of runs; a real Chromium; no Docker.
import { utimesSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { afterAll, expect, test } from 'vitest'
import { sideBySide } from '../../chaos/report/side-by-side.ts'
import { writeReadings } from '../../chaos/run/readings.ts'
import { closeBrowser, eventsOf, findings, GrowingRun, openPage, openRoom, recorded, seen } from './room.ts'

const lines = recorded('region-kill')
const events = eventsOf(lines)
const requested = events.find((event) => event.kind === 'fault.requested')!
const count = (outcome: string, among = events) =>
  among.filter((event) => event.kind === 'request' && event.outcome === outcome).length
const totals = (among = events) =>
  `${count('acked', among)} acked, ${count('rejected', among)} rejected, ${count('unknown', among)} without answer so far`

const text = async (page: Page, selector: string) => (await page.locator(selector).allInnerTexts()).join('\n')
const broken = async (page: Page) =>
  (
    await page
      .locator('[data-node].is-broken')
      .evaluateAll((all) => all.map((each) => (each as unknown as { dataset: { node: string } }).dataset.node))
  ).toSorted()

afterAll(closeBrowser)

test('from nothing to the verdict, with the fault, its phases and the heal on the way', async () => {
  const opened = await openRoom()
  const { page, complaints } = await openPage(opened)
  await expect.poll(() => text(page, 'main')).toContain('Nothing is recorded yet')
  expect(page.url()).not.toContain('key=')

  const run = new GrowingRun(opened.runs, '2026-01-01T000000Z-region-kill', lines)
  run.writeUntil((event) => event.kind === 'load.started')
  await expect.poll(() => text(page, '.clock')).toContain('nothing is broken yet')
  expect(await broken(page)).toEqual([])

  const untilProof = run.writeUntil((event) => event.kind === 'fault.proved')
  const nodes = requested.nodes.filter((name) => !name.startsWith('link-')).toSorted()
  await expect.poll(async () => (await broken(page)).filter((name) => nodes.includes(name))).toEqual(nodes)
  expect(await text(page, '[data-totals]')).toBe(totals(untilProof))
  expect(await text(page, '.faults')).toMatch(/kill region .*\n?.*proved after/s)
  expect(await seen(page.locator('#news'))).toContain('Fault: kill region')
  expect(await text(page, '.clock')).toContain('since the fault')

  run.writeUntil((event) => event.kind === 'heal.proved')
  await expect.poll(() => text(page, '.faults')).toMatch(/healed at/)
  await expect.poll(() => page.locator('[data-phase]').count()).toBeGreaterThan(2)
  expect(
    await page
      .locator('[data-objective]')
      .evaluateAll((all) => [
        ...new Set(all.map((each) => (each as unknown as { dataset: { objective: string } }).dataset.objective)),
      ]),
  ).toEqual(['open'])

  run.writeUntil()
  await expect.poll(() => page.locator('.clock [data-state]').getAttribute('data-state')).toBe('closed')
  const { verdict } = await writeReadings(run.folder)
  await expect.poll(() => page.locator('[data-verdict]').getAttribute('data-verdict')).toBe(verdict.verdict)
  expect(await text(page, '.verdict-panel')).toContain(verdict.summary)
  expect(
    await page
      .locator('[data-objective]')
      .evaluateAll((all) =>
        all.map((each) => (each as unknown as { dataset: { objective: string } }).dataset.objective),
      ),
  ).toEqual(verdict.objectives.map((each) => each.verdict))
  expect(
    await page
      .locator('[data-phase]')
      .evaluateAll((all) => all.map((each) => (each as unknown as { dataset: { phase: string } }).dataset.phase)),
  ).toEqual(verdict.phases.filter((phase) => phase.lengthMs !== null).map((phase) => phase.name))
  expect(await text(page, '[data-totals]')).toBe(totals())
  expect(await seen(page.locator('#news'))).toContain('Verdict:')
  await page.getByRole('link', { name: 'Open the report' }).click()
  const report = page.frameLocator('iframe')
  await expect
    .poll(() => seen(report.locator('h1')))
    .toContain(verdict.verdict === 'met' ? 'Met' : verdict.verdict === 'missed' ? 'Missed' : 'Inconclusive')
  expect(complaints).toEqual([])
})

test('a reload in the middle, a second page and a late one all show the whole trial so far', async () => {
  const opened = await openRoom()
  const run = new GrowingRun(opened.runs, '2026-01-01T000000Z-region-kill', lines)
  run.writeUntil((event) => event.kind === 'load.started')
  const { page } = await openPage(opened)
  await expect.poll(() => text(page, '.clock')).toContain('nothing is broken yet')
  const soFar = run.writeUntil((event) => event.kind === 'heal.requested')
  await expect.poll(() => text(page, '[data-totals]')).toBe(totals(soFar))
  const log = await text(page, '.log tbody')

  await page.reload()
  await expect.poll(() => text(page, '[data-totals]')).toBe(totals(soFar))
  expect(await text(page, '.log tbody')).toBe(log)

  const { page: late } = await openPage(opened)
  await expect.poll(() => text(late, '[data-totals]')).toBe(totals(soFar))
  expect(await text(late, '.log tbody')).toBe(log)
  await expect.poll(() => opened.room.pages).toBe(2)

  run.writeUntil()
  for (const each of [page, late]) await expect.poll(() => text(each, '[data-totals]')).toBe(totals())
})

test('a harness that was killed is told, and found again', async () => {
  const opened = await openRoom()
  const run = new GrowingRun(opened.runs, '2026-01-01T000000Z-region-kill', lines)
  run.writeUntil((event) => event.kind === 'fault.proved')
  utimesSync(run.path, new Date(0), new Date(0))
  const { page } = await openPage(opened)
  await expect.poll(() => text(page, '.clock')).toContain('nobody writes this journal any more')
  run.writeUntil((event) => event.kind === 'heal.requested')
  await expect.poll(() => page.locator('.clock [data-state]').getAttribute('data-state')).toBe('running')
})

test('the newest run takes over, and the older one is in the list', async () => {
  const opened = await openRoom()
  const first = new GrowingRun(opened.runs, '2026-01-01T000000Z-region-kill', lines)
  first.writeUntil()
  const { verdict } = await writeReadings(first.folder)
  const { page } = await openPage(opened)
  await expect.poll(() => text(page, '.title')).toContain(first.name)
  const second = new GrowingRun(opened.runs, '2026-01-02T000000Z-switchover', recorded('switchover'))
  second.writeUntil((event) => event.kind === 'load.started')
  await expect.poll(() => text(page, '.title')).toContain(second.name)
  expect(await page.locator('[data-verdict]').count()).toBe(0)

  await page.getByRole('link', { name: 'Runs' }).click()
  await expect.poll(() => page.locator('.runs tbody tr').count()).toBe(2)
  await page.getByLabel('Verdict').selectOption(verdict.verdict)
  await expect.poll(() => page.locator('.runs tbody tr').count()).toBe(1)
  await page.getByRole('link', { name: first.name, exact: true }).click()
  await expect.poll(() => page.locator('[data-verdict]').getAttribute('data-verdict')).toBe(verdict.verdict)
  expect(await text(page, '[data-totals]')).toBe(totals())
})

test('two runs side by side: what is compared of their verdicts, and their requests on one axis', async () => {
  const opened = await openRoom()
  const names = ['2026-01-01T000000Z-region-kill', '2026-01-02T000000Z-switchover'] as const
  const runs = names.map((name) => new GrowingRun(opened.runs, name, recorded(name.slice(19))))
  const judged = []
  for (const run of runs) {
    run.writeUntil()
    judged.push((await writeReadings(run.folder)).verdict)
  }
  const [first, second] = judged as [(typeof judged)[0], (typeof judged)[0]]
  const { page, complaints } = await openPage(opened, { width: 400, scheme: 'dark', hash: '#/runs' })
  await page.getByLabel(`mark ${names[1]}`).click()
  await expect.poll(() => text(page, '.runs header')).toContain('Mark one more')
  await page.getByLabel(`mark ${names[0]}`).click()
  await page.getByRole('link', { name: 'side by side' }).click()

  // Charts have tables, too: their legends.
  const rows = page.locator('.pair .scroll tbody tr')
  await rows.first().waitFor()
  const told = await rows.evaluateAll((all) =>
    all.map((row) =>
      [...(row as unknown as { cells: { textContent: string }[] }).cells].map((cell) => cell.textContent),
    ),
  )
  expect(told).toEqual(
    sideBySide(first, second)
      .filter((row) => row !== undefined)
      .map(({ label, values, differs }) => [label, ...values, differs]),
  )
  await expect.poll(() => page.locator('.pair .chart canvas').count()).toBe(2)
  expect(await findings(page)).toEqual([])
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(400)
  expect(complaints).toEqual([])
})
