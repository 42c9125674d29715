/** The command line's output: text for people on stderr, data on stdout, colours on terminals only. */

import { palette, wantsColour } from '../live/colours.ts'
import { type LiveDisplay, liveDisplay } from '../live/live.ts'
import { elapsed, plain } from '../report/format.ts'
import { harmless, inert, jsonText } from './outlet.ts'

const colour = wantsColour(process.stderr, process.env)
/** Colours of people's terminal. */
export const colours = palette(colour)

/** Of people's terminal, in columns, as far as text should go. A terminal that does not know its own says 0. */
export function width(stream: { columns?: number } = process.stderr): number {
  return Math.min(stream.columns || 80, 120)
}

/** A line, or several, for people: without colours, and without any order to their terminal. */
export function say(text: string): void {
  process.stderr.write(`${harmless(text)}\n`)
}

/** What was drawn for people's terminal, with its colours. */
export function sayRendered(text: string): void {
  process.stderr.write(`${harmless(text, { colour })}\n`)
}

export function data(text: string): void {
  dataLine(harmless(text))
}

/** What was drawn for the terminal on stdout, with its colours. */
export function dataRendered(text: string): void {
  dataLine(harmless(text, { colour: wantsColour(process.stdout, process.env) }))
}

export function jsonData(value: unknown, indent?: number): void {
  dataLine(jsonText(value, indent))
}

/** A line that GitHub's runner is to obey, made by `renderAnnotations`; nothing else may begin like one. */
export function orderGitHub(line: string): void {
  dataLine(line)
}

function dataLine(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`)
}

export function showTrial(): LiveDisplay {
  return liveDisplay({
    stream: { write: (text) => process.stderr.write(inert(text)) },
    colour,
    isTTY: process.stderr.isTTY === true,
    width,
  })
}

/**
 * Progress of one long step: a line that is redrawn on a terminal, a line at its start, every 15 s and at its end
 * elsewhere.
 */
export function step(name: string): { progress(text: string): void; done(text?: string): void } {
  const startMs = performance.now()
  const seconds = () => elapsed(performance.now() - startMs)
  const terminal = process.stderr.isTTY === true
  let last = ''
  const draw = () => process.stderr.write(`\r\u001b[2K${plain(`${name} ${seconds()}  ${last}`).slice(0, width() - 1)}`)
  const timer = setInterval(() => (terminal ? draw() : say(`${name}: ${seconds()}, ${last}`)), terminal ? 250 : 15_000)
  if (!terminal) say(name)
  return {
    progress(text) {
      last = text
    },
    done(text = 'done') {
      clearInterval(timer)
      if (terminal) process.stderr.write('\r\u001b[2K')
      say(`${name}: ${text} (${seconds()})`)
    },
  }
}
