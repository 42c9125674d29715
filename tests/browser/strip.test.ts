// Goal: the list of runs shows a scenario's trials as a strip: each where it recovered, the median and its interval.
// Method: verdicts of one real trial with other recovery times, in a real Chromium.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { Verdict } from '../../chaos/judge/verdict.ts'
import { renderTrials } from '../../chaos/report/trials.ts'
import { writeReadings } from '../../chaos/run/readings.ts'
import { closeBrowser, findings, GrowingRun, openPage, openRoom, recorded, seen } from './room.ts'

afterAll(closeBrowser)

const lines = recorded('region-kill')

/** Runs of the same scenario, valid ones unless said otherwise, each with its verdict. */
async function runsOfOne(
  runs: string,
  changes: readonly Partial<Verdict>[],
): Promise<{ name: string; verdict: Verdict }[]> {
  const first = new GrowingRun(runs, '2026-01-01T000000Z-region-kill', lines)
  first.writeUntil()
  const { verdict } = await writeReadings(first.folder)
  return changes.map((change, index) => {
    const run = index === 0 ? first : new GrowingRun(runs, `2026-01-01T00000${index}Z-region-kill`, lines)
    const other: Verdict = { ...verdict, trialId: `t${index}`, outcome: 'recovered', validity: [], ...change }
    writeFileSync(join(run.folder, 'verdict.json'), JSON.stringify(other))
    writeFileSync(join(run.folder, 'environment.json'), JSON.stringify({ world: 'blackstart' }))
    return { name: run.name, verdict: other }
  })
}

test.each([
  [400, 'light'],
  [1280, 'dark'],
] as const)('at %d px, %s', async (width, scheme) => {
  const opened = await openRoom()
  const lengthsMs = [1_700, 1_500, 1_900, 1_600, 2_100, 1_800]
  const trials = await runsOfOne(
    opened.runs,
    lengthsMs.map((recoveredInMs) => ({ recoveredInMs })),
  )
  const another = new GrowingRun(opened.runs, '2026-01-02T000000Z-switchover', recorded('switchover'))
  another.writeUntil()
  await writeReadings(another.folder)
  const { page, complaints } = await openPage(opened, { width, scheme, hash: '#/runs' })
  await expect.poll(() => page.locator('.runs tbody tr').count()).toBe(trials.length + 1)
  expect(await page.locator('.strip').count()).toBe(0)
  await page.getByLabel('Scenario').selectOption('region-kill')
  await expect.poll(() => page.locator('.strip .mark').count()).toBe(trials.length)
  expect(await seen(page.locator('.strip figcaption'))).toBe(
    'Recovery of each trial of region-kill in the world blackstart',
  )

  const middle = async (selector: string) => {
    const box = await page.locator(selector).boundingBox()
    return box === null ? Number.NaN : box.x + box.width / 2
  }
  const [zero, end] = [await middle('.strip text:has-text("0") >> nth=0'), await middle('.strip text:has-text("2 s")')]
  for (const { name, verdict } of trials)
    expect(await middle(`[data-run="${name}"]`)).toBeCloseTo(zero + ((end - zero) * verdict.recoveredInMs!) / 2_000, -1)
  const order = ['.strip .band', '.strip .median']
  expect(await Promise.all(order.map((selector) => page.locator(selector).count()))).toEqual([1, 1])
  expect(await middle('.strip .median')).toBeCloseTo(zero + ((end - zero) * 1_750) / 2_000, -1)
  await page.locator('.strip summary').click()
  const [first, ...others] = renderTrials(trials.map(({ verdict }) => verdict)).split('\n')
  expect(await seen(page.locator('.strip summary'))).toBe(first)
  await expect.poll(() => seen(page.locator('.strip pre'))).toBe(others.join('\n'))
  expect(await findings(page)).toEqual([])
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
  expect(complaints).toEqual([])
})

test('each kind of trial has a sign of its own, and one that did not recover a link', async () => {
  const opened = await openRoom()
  const [met, missed, invalid, open] = (
    await runsOfOne(opened.runs, [
      { recoveredInMs: 1_500 },
      { recoveredInMs: 1_600, verdict: 'missed' },
      {
        recoveredInMs: 1_700,
        verdict: 'inconclusive',
        validity: [{ name: 'host-had-room', holds: false, detail: 'busy' }],
      },
      { verdict: 'missed', outcome: 'censored', recoveredInMs: null },
    ])
  ).map(({ name }) => name)
  const { page } = await openPage(opened, { hash: '#/runs' })
  await page.getByLabel('Scenario').selectOption('region-kill')
  await expect.poll(() => page.locator('.strip .mark').count()).toBe(3)
  const runOf = (sign: string) => page.locator(`.strip ${sign}`).getAttribute('data-run')
  expect(await runOf('circle.met:not(.invalid)')).toBe(met)
  expect(await runOf('text.missed')).toBe(missed)
  expect(await runOf('circle.invalid')).toBe(invalid)
  expect(await page.locator('.strip').getByRole('link', { name: open! }).getAttribute('href')).toBe(`#/run/${open}`)
})
