/** How the command line talks: people on stderr, data on stdout, colour on terminals only. */
import { liveView, type LiveView } from '../report/live.ts'
import { wantsColour } from '../report/text.ts'

export const colour = wantsColour(process.stderr, process.env)

export function width(): number {
  return Math.min(process.stderr.columns ?? 80, 120)
}

export function say(text: string): void {
  process.stderr.write(`${text}\n`)
}

export function data(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`)
}

export function showTrial(): LiveView {
  return liveView({ stream: process.stderr, colour, isTTY: process.stderr.isTTY === true, width })
}

/** Progress of one long step: a line that is redrawn on a terminal, a line at its start, every 15 s and at its end elsewhere. */
export function step(name: string): { progress(text: string): void; done(text?: string): void } {
  const startMs = performance.now()
  const seconds = () => `${((performance.now() - startMs) / 1000).toFixed(1)} s`
  const terminal = process.stderr.isTTY === true
  let last = ''
  const draw = () => process.stderr.write(`\r\u001b[2K${`${name} ${seconds()}  ${last}`.slice(0, width() - 1)}`)
  const timer = setInterval(() => (terminal ? draw() : say(`${name}: ${seconds()}, ${last}`)), terminal ? 250 : 15_000)
  if (!terminal) say(name)
  return {
    progress(text) { last = text },
    done(text = 'done') {
      clearInterval(timer)
      if (terminal) process.stderr.write('\r\u001b[2K')
      say(`${name}: ${text} (${seconds()})`)
    },
  }
}
