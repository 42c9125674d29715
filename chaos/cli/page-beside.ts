/**
 * `--ui`: the control room beside a command, from before its work until after it. The page is a process of its own,
 * which the command starts and does not depend on: whatever becomes of the page, the work and its exit status are the
 * same.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { EXIT, messageOf } from '../errors.ts'
import { programBeside } from '../roots.ts'
import { newestRun } from '../ui/newest.ts'
import { within } from '../wait.ts'
import { openBrowser } from './browser.ts'
import { untilInterrupted } from './interrupt.ts'
import { say } from './output.ts'
import type { PageLine, WorkIsOver } from './page-line.ts'

/** It takes about a second; on a machine that does something else, several. */
const opensWithinMs = 20_000
const answersWithinMs = 3_000
const withoutIt = 'this command goes on without it; "npx blackstart ui" opens one'

/** Opens the page, if one is wanted; `joins`: what goes on already is to be shown, too. Never fails. */
export type OpenPage = (how?: { joins?: boolean }) => Promise<void>

/** What a command's options say of its page. */
export interface PageOptions {
  /** The world that orders from the page go to. */
  world: string
  ui?: boolean
  /** Asks for a page, too. */
  uiPort?: number | undefined
}

/**
 * Does the work, with a page beside it if one is wanted. `stays`: whether the page stays after the work while somebody
 * may look at it, which is where a person can end it. Returns the work's exit status.
 * @throws what the work throws
 */
export async function withPage(
  { world, ui = false, uiPort }: PageOptions,
  work: (openPage: OpenPage) => Promise<number>,
  { stays = process.stderr.isTTY === true } = {},
): Promise<number> {
  if (!ui && uiPort === undefined) return work(async () => {})
  const page = new PageBeside({ world, port: uiPort })
  try {
    const status = await work((how) => page.open(how))
    if (stays && status !== EXIT.interrupted) await page.untilClosed()
    return status
  } finally {
    await page.end()
  }
}

interface PlaceOfPage {
  world: string
  port: number | undefined
}

class PageBeside {
  readonly #options: PlaceOfPage
  #child: ChildProcess | undefined
  #address = ''
  #isEnding = false

  constructor(options: PlaceOfPage) {
    this.#options = options
  }

  async open({ joins = false } = {}): Promise<void> {
    if (this.#child) return
    try {
      this.#child = startPage(this.#options, joins ? undefined : newestRun())
      const line = await nextLine(this.#child, opensWithinMs)
      if (line?.is === 'open') {
        this.#address = line.address
        say(`The control room of this command: ${line.address}`)
        this.#child.once('exit', (code, signal) => this.#tellEarlyEnd(code ?? signal))
        openBrowser(line.address)
      } else {
        if (line?.is === 'failed') say(`${line.message}; ${withoutIt}`)
        else say(`the control room did not open; ${withoutIt}`)
        await this.end()
      }
    } catch (error) {
      say(`the control room cannot be opened: ${messageOf(error)}; ${withoutIt}`)
    }
  }

  /** Until its last page is closed, or Ctrl-C. */
  async untilClosed(): Promise<void> {
    const child = this.#child
    if (!child || hasEnded(child)) return
    const left = () => 'Nothing is left to do but to close the control room'
    const signal = untilInterrupted({ doing: 'closing the control room', left })
    this.#isEnding = true
    const answer = nextLine(child, answersWithinMs)
    tell(child, { is: 'over', stays: true })
    if ((await answer)?.is !== 'staying') return
    say(`The control room stays open until you close its page, or press Ctrl-C: ${this.#address}`)
    if (signal.aborted) return
    child.ref()
    await Promise.race([exitOf(child), new Promise((resolve) => signal.addEventListener('abort', resolve))])
  }

  /** Whatever it is doing. */
  async end(): Promise<void> {
    const child = this.#child
    this.#isEnding = true
    if (!child || hasEnded(child)) return
    tell(child, { is: 'over', stays: false }, () => child.connected && child.disconnect())
    if (!(await withinOrNot(answersWithinMs, exitOf(child)))) child.kill('SIGKILL')
  }

  #tellEarlyEnd(how: number | NodeJS.Signals | null): void {
    if (!this.#isEnding) say(`the control room ended unexpectedly (${how}); ${withoutIt}`)
  }
}

function startPage({ world, port }: PlaceOfPage, after: string | undefined): ChildProcess {
  const main = fileURLToPath(programBeside(import.meta.url, 'main'))
  const told = [
    ...(port === undefined ? [] : ['--port', String(port)]),
    ...(after === undefined ? [] : [`--after=${after}`]),
  ]
  // Detached: a Ctrl-C is for the command, which may have something to heal; whoever looks sees it being healed.
  const child = spawn(process.execPath, [main, 'page', '--world', world, ...told], {
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  child.on('error', () => {})
  child.unref()
  child.channel?.unref()
  return child
}

/** The next thing that it tells; undefined when it ends first, or is silent for so long. */
function nextLine(child: ChildProcess, limitMs: number): Promise<PageLine | undefined> {
  const line = new Promise<PageLine | undefined>((resolve) => {
    child.once('message', (message) => resolve(message as PageLine))
    child.once('error', () => resolve(undefined))
    void exitOf(child).then(() => resolve(undefined))
  })
  return withinOrNot(limitMs, line)
}

function tell(child: ChildProcess, line: WorkIsOver, sent: () => void = () => {}): void {
  if (child.connected) child.send(line, sent)
}

function hasEnded({ exitCode, signalCode, pid }: ChildProcess): boolean {
  return pid === undefined || exitCode !== null || signalCode !== null
}

async function exitOf(child: ChildProcess): Promise<true> {
  if (!hasEnded(child)) await new Promise((resolve) => child.once('exit', resolve))
  return true
}

/** Undefined after the limit. */
function withinOrNot<T>(limitMs: number, what: Promise<T>): Promise<T | undefined> {
  return within(limitMs, 'waiting for the control room', what).catch(() => undefined)
}
