/**
 * The pages that look, and what each of them gets. Every quarter of a second the journals that somebody looks at are
 * read on, and each page gets what came since its last frame. A page that does not take its frame gets none until it
 * does, and then all that it missed in one: nothing is kept for it, and nobody waits for it.
 */
import { plainly } from '../report/format.ts'
import { newestRun, runFolder } from './newest.ts'
import { WatchedRun } from './watched-run.ts'

const tickMs = 250
/** Rates are of the last second, so they change also where nothing comes. */
const atLeastEveryMs = 1_000

/** One page's connection. */
export interface Wire {
  /** Whether it has taken all that it was sent. */
  readonly isFree: boolean
  send(frame: object): void
}

interface Page {
  wire: Wire
  /** A run by name; undefined for whatever is newest. */
  wanted: string | undefined
  shown: string | undefined
  since: number
  sentMs: number
  told: string
}

export class Pages implements AsyncDisposable {
  readonly #pages = new Set<Page>()
  readonly #runs = new Map<string, WatchedRun>()
  /** Of this look, by run and by what a page has seen. */
  readonly #frames = new Map<string, object>()
  /** What every page is told besides, such as orders that are being carried out. */
  readonly #aside: () => unknown
  readonly #newest: () => string | undefined
  #timer: NodeJS.Timeout | undefined
  #wasOpened = false
  #isOver = false

  constructor({ aside, newest = newestRun }: { aside: () => unknown; newest?: () => string | undefined }) {
    this.#aside = aside
    this.#newest = newest
  }

  /** Begins to send frames; the function that is returned ends it. */
  open(wire: Wire, wanted: string | undefined): () => void {
    const page: Page = { wire, wanted, shown: undefined, since: 0, sentMs: -Infinity, told: '' }
    this.#pages.add(page)
    this.#wasOpened = true
    this.#timer ??= setTimeout(() => void this.#tick(), 0)
    return () => this.#pages.delete(page)
  }

  get count(): number {
    return this.#pages.size
  }

  get wasOpened(): boolean {
    return this.#wasOpened
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true
    clearTimeout(this.#timer)
    this.#pages.clear()
    await this.#forget()
  }

  async #tick(): Promise<void> {
    const newest = this.#newest()
    const wanted = new Set([...this.#pages].map((page) => page.wanted ?? newest))
    for (const name of wanted) await this.#step(name, newest)
    this.#frames.clear()
    for (const page of this.#pages) this.#tell(page, page.wanted ?? newest)
    await this.#forget()
    this.#timer = this.#isOver || this.#pages.size === 0 ? undefined : setTimeout(() => void this.#tick(), tickMs)
  }

  async #step(name: string | undefined, newest: string | undefined): Promise<void> {
    if (name === undefined) return
    const folder = runFolder(name)
    if (folder === undefined) return
    const run = this.#runs.get(name) ?? new WatchedRun(name, folder)
    this.#runs.set(name, run)
    run.isNewest = name === newest
    await run.step()
  }

  #tell(page: Page, name: string | undefined): void {
    if (!page.wire.isFree) return
    const run = name === undefined ? undefined : this.#runs.get(name)
    if (page.shown !== run?.name) Object.assign(page, { shown: run?.name, since: 0, told: '' })
    const aside = this.#aside()
    const told = JSON.stringify([run?.name, run?.revision, run?.state, run?.readUpTo, aside])
    const nowMs = performance.now()
    const isDue = run?.state === 'running' && nowMs - page.sentMs >= atLeastEveryMs
    if (told === page.told && !isDue) return
    page.wire.send(this.#frame(run, page.since, aside))
    Object.assign(page, { since: run?.revision ?? 0, sentMs: nowMs, told })
  }

  /** Pages that have seen the same get the same: it is made once. */
  #frame(run: WatchedRun | undefined, since: number, aside: unknown): object {
    const key = `${run?.name} ${since}`
    // Plain: nothing in a journal may order a terminal, or turn the direction of a text, wherever it is copied to.
    const frame = this.#frames.get(key) ?? plainly({ ...(run?.frame(since) ?? { run: null }), aside })
    this.#frames.set(key, frame)
    return frame
  }

  /** Runs that nobody looks at any more. */
  async #forget(): Promise<void> {
    const looked = new Set([...this.#pages].map(({ shown }) => shown))
    for (const [name, run] of this.#runs) {
      if (looked.has(name)) continue
      this.#runs.delete(name)
      await run.close()
    }
  }
}
