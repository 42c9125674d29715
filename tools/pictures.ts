/**
 * Draws the pictures of the README: the control room in the middle of an outage, and the report of the same trial, each
 * light and dark. `node tools/pictures.ts [journal]`; without one, of the real trial in tests/journals/real. Needs
 * Chromium.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { gunzipSync } from 'node:zlib'
import type { Browser } from 'playwright-core'
import type { JournalEvent } from '../chaos/journal/schema.ts'
import { writeReadings } from '../chaos/run/readings.ts'
import { openControlRoom } from '../chaos/ui/server.ts'
import { launchChromium } from '../tests/browser/chromium.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const pictures = join(root, 'docs', 'pictures')
const [path = join(root, 'tests/journals/real/region-kill.ndjson.gz')] = process.argv.slice(2)
/** After the fault: clients are served again, and the region is not back yet. */
const shownMs = 8_000
const schemes = ['light', 'dark'] as const
const size = { width: 1280, height: 800 }

const bytes = readFileSync(path)
const lines = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString().trimEnd().split('\n')
const events = lines.map((line) => JSON.parse(line) as JournalEvent)
const requestedMs = events.find((event) => event.kind === 'fault.requested')?.atMs
if (requestedMs === undefined) throw new Error(`${path} has no fault`)

const runs = mkdtempSync(join(tmpdir(), 'blackstart-pictures-'))
process.env['BLACKSTART_RUNS'] = runs
mkdirSync(pictures, { recursive: true })
const browser = await launchChromium()
try {
  await drawRoom(browser, requestedMs)
  await drawReport(browser)
} finally {
  await browser.close()
  rmSync(runs, { recursive: true })
}

async function drawRoom(browser: Browser, requestedMs: number): Promise<void> {
  const soFar = lines.filter((_, index) => (events[index]?.atMs ?? 0) <= requestedMs + shownMs)
  const folder = join(runs, 'region-kill')
  mkdirSync(folder)
  writeFileSync(join(folder, 'journal.ndjson'), `${soFar.join('\n')}\n`)
  await using room = await openControlRoom({})
  for (const colorScheme of schemes) {
    const page = await browser.newPage({ viewport: size, colorScheme })
    await page.goto(room.address)
    await page.locator('[data-phase]').first().waitFor()
    await page.locator('.chart canvas').nth(1).waitFor()
    await page.screenshot({ path: join(pictures, `control-room-${colorScheme}.png`) })
    await page.close()
  }
}

async function drawReport(browser: Browser): Promise<void> {
  const folder = join(runs, 'region-kill-judged')
  mkdirSync(folder)
  writeFileSync(join(folder, 'journal.ndjson'), `${lines.join('\n')}\n`)
  await writeReadings(folder)
  for (const colorScheme of schemes) {
    const page = await browser.newPage({ viewport: size, colorScheme })
    await page.goto(pathToFileURL(join(folder, 'report.html')).href)
    await page.screenshot({ path: join(pictures, `report-${colorScheme}.png`) })
    await page.close()
  }
}
