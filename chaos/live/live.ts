/**
 * Shows a trial while it runs. On a terminal, a few lines are redrawn in place under the news; elsewhere (a file, a CI
 * log) there is only the news and a line of progress every ten seconds.
 */

import type { JournalEvent } from '../journal/schema.ts'
import { offset, plain, sinceStart } from '../report/format.ts'
import { cut, type Palette, textWidth, wrapped } from '../report/text.ts'
import { palette } from './colours.ts'
import { clockWords, drawLive, paceWords } from './draw.ts'
import { LiveNews, type Mood, type News } from './news.ts'
import { LiveState } from './state.ts'

const redrawEveryMs = 250
const progressEveryMs = 10_000
const timeWidth = 11

export interface LiveOptions {
  stream: { write(text: string): unknown }
  colour: boolean
  isTTY: boolean
  /** Columns; a function where the terminal may be resized. */
  width: number | (() => number)
  /** Milliseconds on any monotonic clock; for tests. */
  clock?: () => number
}

export interface LiveDisplay {
  /** What the trial looks like, as far as its events were taken. */
  readonly state: LiveState
  /** Takes each event as it is recorded. */
  record(event: JournalEvent): void
  /** Takes what happened before the view began: it changes the state shown, but prints no line. */
  recall(events: readonly JournalEvent[]): void
  /** Frees the terminal for a line from another source; the next change draws anew below it. */
  clear(): void
  /** Prints what is left and frees the terminal. Harmless twice. */
  stop(): void
}

export function liveDisplay({
  stream,
  colour,
  isTTY,
  width,
  clock = () => performance.now(),
}: LiveOptions): LiveDisplay {
  const screen = new Screen({
    stream,
    colours: palette(colour),
    isTTY,
    width: typeof width === 'number' ? () => width : width,
  })
  const state = new LiveState()
  const news = new LiveNews(state)
  // The trial's clock against ours, from the event that was received with the least delay.
  let aheadMs = -Infinity
  const nowMs = (): number => (aheadMs === -Infinity ? 0 : clock() + aheadMs)
  let progressMs: number | null = null
  const take = (event: JournalEvent): News[] => {
    const leaderNews = event.kind === 'dcs.leader' && state.system.isNews(event)
    state.apply(event)
    return news.of(event, leaderNews)
  }
  const tick = (): void => {
    if (aheadMs === -Infinity) return
    const at = nowMs()
    screen.say(news.tick(at), state.zeroMs)
    if (isTTY) screen.redraw(drawLive({ state, nowMs: at, width: screen.width, colours: screen.colours }))
    progressMs ??= at
    if (!isTTY && at - progressMs >= progressEveryMs) {
      progressMs = at
      // A line is read as what was all the while: the time since the last one counts, of the stage that it names.
      const overMs = Math.min(progressEveryMs, at - state.stageSinceMs)
      const text = `${clockWords(state, at)}: ${paceWords(state, at, overMs)}`
      screen.say([{ atMs: at, text, mood: 'quiet' }], state.zeroMs)
    }
  }
  const timer = setInterval(tick, redrawEveryMs)
  timer.unref()
  let stopped = false
  return {
    state,
    record(event) {
      if (stopped) return
      aheadMs = Math.max(aheadMs, event.atMs - clock())
      screen.say(take(event), state.zeroMs)
    },
    recall(events) {
      for (const event of events) take(event)
      news.tick(Infinity)
    },
    clear: () => screen.clear(),
    stop() {
      if (stopped) return
      stopped = true
      clearInterval(timer)
      screen.say(news.tick(nowMs()), state.zeroMs)
      screen.clear()
    },
  }
}

class Screen {
  readonly colours: Palette
  readonly #stream: LiveOptions['stream']
  readonly #isTTY: boolean
  readonly #width: () => number
  #region: string[] = []

  constructor(options: { stream: LiveOptions['stream']; colours: Palette; isTTY: boolean; width: () => number }) {
    this.#stream = options.stream
    this.colours = options.colours
    this.#isTTY = options.isTTY
    this.#width = options.width
  }

  /** One column less than the terminal has: some terminals wrap a full line, and the redraw would be off by one. */
  get width(): number {
    return Math.max(20, this.#width() - 1)
  }

  /** Prints lines that stay, above the region. */
  say(news: readonly News[], zeroMs: number | null): void {
    if (news.length === 0) return
    const lines = news.flatMap(({ atMs, text, mood }) =>
      this.#newsLines(zeroMs === null ? sinceStart(atMs) : offset(atMs - zeroMs), text, mood),
    )
    this.#stream.write(`${this.#erasing()}${[...lines, ...this.#region].map((line) => `${line}\n`).join('')}`)
  }

  redraw(lines: string[]): void {
    const erase = this.#erasing()
    this.#region = lines
    this.#stream.write(`${erase}${lines.map((line) => `${line}\n`).join('')}`)
  }

  clear(): void {
    if (this.#region.length > 0) this.#stream.write(this.#erasing())
    this.#region = []
  }

  #newsLines(time: string, text: string, mood: Mood): string[] {
    const paint = {
      plain: (line: string) => line,
      bad: this.colours.red,
      good: this.colours.green,
      quiet: this.colours.dim,
    }[mood]
    const front = cut(time, timeWidth).padStart(timeWidth)
    return wrapped(plain(text), this.width - timeWidth - 2).map(
      (line, index) => `${index === 0 ? this.colours.dim(front) : ' '.repeat(timeWidth)}  ${paint(line)}`,
    )
  }

  /** Back to the region's first line, and clear from there on. Only on a terminal is there ever a region. */
  #erasing(): string {
    if (!this.#isTTY || this.#region.length === 0) return ''
    // A terminal that became narrower since has wrapped the longer lines.
    const rows = this.#region.reduce(
      (all, line) => all + Math.max(1, Math.ceil(textWidth(line) / Math.max(1, this.#width()))),
      0,
    )
    return `\x1b[${rows}A\r\x1b[J`
  }
}
