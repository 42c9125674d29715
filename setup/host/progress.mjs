import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { stripVTControlCharacters } from 'node:util'

/**
 * @typedef {object} Task one long step, as the user sees it
 * @property {(text: string) => void} line its newest line of output; shown and logged
 * @property {(text: string) => void} log goes to the log only
 * @property {(note?: string) => void} done
 * @property {() => void} failed
 * @property {() => void} stopped because something else failed
 * @property {string} logFile
 *
 * @typedef {object} Show
 * @property {(title: string, logFile: string) => Task} begin
 * @property {(text: string) => void} say one line, whatever else is on the screen
 */

const HEARTBEAT_MS = 15_000
const REDRAW_MS = 200

/**
 * Shows what takes long. On a terminal: one live line a step. In a log: a line at the start, one every 15 s, one at the
 * end. Writes nothing at all before the first step begins, so a second run is silent.
 * @param {{ write: (text: string) => unknown, isTTY?: boolean, columns?: number }} out
 * @param {() => number} [nowMs]
 * @returns {Show}
 */
export function progressOn(out, nowMs = () => performance.now()) {
  /** @type {Set<{ title: string, startedMs: number, last: string, beatMs: number }>} */
  const open = new Set()
  let drawn = 0
  /** @type {NodeJS.Timeout | undefined} */
  let timer

  const clear = () => {
    if (drawn > 0) out.write(`\x1b[${drawn}A\x1b[J`)
    drawn = 0
  }
  const draw = () => {
    if (!out.isTTY) return
    const width = Math.max(20, (out.columns ?? 80) - 1)
    clear()
    for (const step of open) {
      const text = `  ${seconds(nowMs() - step.startedMs).padStart(6)}  ${step.title}${step.last && `  | ${step.last}`}`
      out.write(`${text.slice(0, width)}\n`)
      drawn += 1
    }
  }
  const beat = () => {
    if (out.isTTY) return draw()
    for (const step of open) {
      if (nowMs() - step.beatMs < HEARTBEAT_MS) continue
      step.beatMs = nowMs()
      out.write(
        `set-up: ${seconds(nowMs() - step.startedMs)} into ${step.title}${step.last && `; last line: ${step.last.slice(0, 100)}`}\n`,
      )
    }
  }
  /** @param {string} text */
  const say = (text) => {
    clear()
    out.write(`set-up: ${text}\n`)
    draw()
  }

  return {
    say,
    begin(title, logFile) {
      mkdirSync(dirname(logFile), { recursive: true })
      writeFileSync(logFile, '')
      // What is in brackets, or after a colon, is shown only once.
      const brief = String(title.split(/ \(|: /)[0])
      const step = { title: brief, startedMs: nowMs(), last: '', beatMs: nowMs() }
      say(title)
      open.add(step)
      // The timer must not keep the process alive by itself: the commands it reports on do.
      timer ??= setInterval(beat, REDRAW_MS).unref()
      /** @param {string} text */
      const close = (text) => {
        open.delete(step)
        say(text)
        if (open.size > 0) return
        clearInterval(timer)
        timer = undefined
      }
      return {
        logFile,
        log: (text) => appendFileSync(logFile, `${text}\n`),
        line(text) {
          appendFileSync(logFile, `${text}\n`)
          step.last = stripVTControlCharacters(text).trim()
        },
        done: (note) => close(`done in ${seconds(nowMs() - step.startedMs)}: ${note ?? brief}`),
        stopped: () => close(`stopped after ${seconds(nowMs() - step.startedMs)}: ${brief}`),
        failed: () => close(`FAILED after ${seconds(nowMs() - step.startedMs)}: ${brief}`),
      }
    },
  }
}

/**
 * @param {number} ms
 * @returns {string} e.g. `0.4 s`, `12 s`, `2 min 03 s`
 */
export function seconds(ms) {
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`
  const whole = Math.round(ms / 1000)
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`
}
