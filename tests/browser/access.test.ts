// Goal: the page can be used with a keyboard, by screen readers, on narrow and wide screens, light and dark.
// Method: axe-core and the keyboard in a real Chromium, over the journal of a real trial.
import { afterAll, describe, expect, test } from 'vitest'
import { writeReadings } from '../../chaos/run/readings.ts'
import { closeBrowser, findings, GrowingRun, type Opened, openPage, openRoom, recorded, seen } from './room.ts'

afterAll(closeBrowser)

async function whileBroken(): Promise<Opened> {
  const opened = await openRoom()
  new GrowingRun(opened.runs, '2026-01-01T000000Z-region-kill', recorded('region-kill')).writeUntil(
    (event) => event.kind === 'heal.requested',
  )
  return opened
}

async function afterwards(): Promise<Opened> {
  const opened = await openRoom()
  const run = new GrowingRun(opened.runs, '2026-01-01T000000Z-region-kill', recorded('region-kill'))
  run.writeUntil()
  await writeReadings(run.folder)
  return opened
}

const shown = {
  'a trial while something is broken': [whileBroken, '', '[data-phase]'],
  'a verdict': [afterwards, '', '[data-verdict]'],
  'the list of runs': [afterwards, '#/runs', '.runs tbody tr'],
} as const

describe.each([
  [400, 'light'],
  [400, 'dark'],
  [1280, 'light'],
  [1280, 'dark'],
  [2560, 'light'],
] as const)('at %d px, %s', (width, scheme) => {
  test.each(Object.entries(shown))('%s: nothing serious, and nothing wider than the screen', async (_, what) => {
    const [open, hash, sign] = what
    const { page, complaints } = await openPage(await open(), { width, scheme, hash })
    // Of a page that does not come to it, what it shows instead, and what it complained about.
    const state = async () =>
      (await page.locator(sign).count()) > 0 ? 'shown' : [await seen(page.locator('body')), ...complaints].join('\n')
    await expect.poll(state).toBe('shown')
    expect(await findings(page)).toEqual([])
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
  })
})

test('with the keyboard alone: a node is chosen, the log shows its lines, and all of them again', async () => {
  const { page } = await openPage(await whileBroken())
  await expect.poll(() => page.locator('[data-node="pg-east-a"]').count()).toBe(1)
  await page.keyboard.press('Tab')
  const focused = () => page.evaluate('document.activeElement.getAttribute("data-node")')
  for (let pressed = 0; pressed < 60 && (await focused()) !== 'pg-east-a'; pressed += 1)
    await page.keyboard.press('Tab')
  expect(await focused()).toBe('pg-east-a')
  await page.keyboard.press('Enter')
  const lines = () => page.locator('.log tbody tr').allInnerTexts()
  await expect.poll(async () => (await lines()).length).toBeGreaterThan(0)
  await expect.poll(() => seen(page.locator('.log header'))).toContain('about node pg-east-a')
  await page.keyboard.press('Enter')
  await expect.poll(() => seen(page.locator('.log header'))).toContain('the newest first')
})

test('what it loads is small', async () => {
  const opened = await afterwards()
  const { page } = await openPage(opened)
  const bytes = (await page.evaluate(
    `performance.getEntriesByType('resource').filter(({ name }) => name.includes('/page/')).reduce((sum, { decodedBodySize }) => sum + decodedBodySize, 0)`,
  )) as number
  expect(bytes).toBeGreaterThan(50_000)
  expect(bytes).toBeLessThan(300_000)
})
