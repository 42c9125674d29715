/** A control room over a folder of runs of its own, a journal that grows in it, and a real Chromium. */
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import type { AxeResults } from 'axe-core'
import type { Browser, Locator, Page } from 'playwright-core'
import { onTestFinished } from 'vitest'
import type { JournalEvent } from '../../chaos/journal/schema.ts'
import type { Hands } from '../../chaos/ui/orders.ts'
import { type ControlRoom, openControlRoom } from '../../chaos/ui/server.ts'
import { launchChromium } from './chromium.ts'

const journals = fileURLToPath(new URL('../journals/real/', import.meta.url))

export function recorded(name: string): string[] {
  return gunzipSync(readFileSync(`${journals}${name}.ndjson.gz`))
    .toString()
    .trimEnd()
    .split('\n')
}

export function eventsOf(lines: readonly string[]): JournalEvent[] {
  return lines.map((line) => JSON.parse(line))
}

/** A run whose journal is written on piece by piece, as a trial does. */
export class GrowingRun {
  readonly folder: string
  readonly name: string
  readonly #lines: readonly string[]
  #written = 0

  constructor(runs: string, name: string, lines: readonly string[]) {
    this.name = name
    this.folder = join(runs, name)
    this.#lines = lines
    mkdirSync(this.folder)
    rmSync(join(runs, 'last'), { force: true })
    symlinkSync(name, join(runs, 'last'))
    appendFileSync(this.path, '')
  }

  get path(): string {
    return join(this.folder, 'journal.ndjson')
  }

  /** Up to and with the first event that fits, or to the end. Ends in the middle of a line, as files do. */
  writeUntil(fits: (event: JournalEvent) => boolean = () => false): JournalEvent[] {
    const at = this.#lines.findIndex((line, index) => index >= this.#written && fits(JSON.parse(line)))
    const to = at === -1 ? this.#lines.length : at + 1
    const text = this.#lines.slice(this.#written, to).map((line) => `${line}\n`)
    appendFileSync(this.path, text.join('').slice(0, 40_000))
    appendFileSync(this.path, text.join('').slice(40_000))
    this.#written = to
    return eventsOf(this.#lines.slice(0, to))
  }
}

export interface Opened {
  room: ControlRoom
  /** The folder for runs. */
  runs: string
}

/** A room of this process, closed with the test. */
export async function openRoom(): Promise<Opened> {
  const work = mkdtempSync(join(tmpdir(), 'blackstart-room-'))
  const runs = join(work, 'runs')
  mkdirSync(runs)
  process.env['BLACKSTART_WORK_DIR'] = work
  process.env['BLACKSTART_RUNS'] = runs
  const room = await openControlRoom({})
  onTestFinished(async () => {
    await room[Symbol.asyncDispose]()
    rmSync(work, { recursive: true })
  })
  return { room, runs }
}

/** A room over the runs of this checkout, whose orders go to a world that is up. */
export async function openRoomOf(hands: Hands): Promise<Pick<Opened, 'room'>> {
  const room = await openControlRoom({ hands })
  onTestFinished(() => room[Symbol.asyncDispose]())
  return { room }
}

let browser: Promise<Browser> | undefined

/** One browser for all tests of a file. */
export function openBrowser(): Promise<Browser> {
  browser ??= launchChromium()
  return browser
}

export async function closeBrowser(): Promise<void> {
  await (await browser)?.close()
}

/** What can be read there, as it is shown. */
export async function seen(locator: Locator): Promise<string> {
  return (await locator.allInnerTexts()).join('\n')
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What axe-core calls serious or critical. */
export async function findings(page: Page): Promise<string[]> {
  await page.evaluate(axe)
  const { violations } = (await page.evaluate("axe.run({ resultTypes: ['violations'], iframes: false })")) as AxeResults
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`),
    )
}

export interface PageOptions {
  width?: number
  scheme?: 'light' | 'dark'
  /** What follows the address, such as `#/runs`. */
  hash?: string
}

/** A page with a session of its own, and all that it complained about. */
export async function openPage(
  { room }: { room: Pick<ControlRoom, 'address'> },
  { width = 1280, scheme = 'light', hash = '' }: PageOptions = {},
): Promise<{ page: Page; complaints: string[] }> {
  const context = await (await openBrowser()).newContext({ viewport: { width, height: 900 }, colorScheme: scheme })
  onTestFinished(() => context.close())
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  await page.goto(`${room.address}${hash}`)
  return { page, complaints }
}
