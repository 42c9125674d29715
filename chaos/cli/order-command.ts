/** Carries out an order of the control room: the command that a person would type, as a process of its own. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { messageOf } from '../errors.ts'
import { plain } from '../report/format.ts'
import { programBeside } from '../roots.ts'

const linesKept = 4

export interface OrderEnd {
  /** Its exit status; null when it did not start, or was killed. */
  code: number | null
  /** The end of what the command said to people, which is where it says what came of it. */
  said: string
}

/** Starts the command with these arguments, and waits for its end. Never fails. */
export type StartOrder = (args: readonly string[]) => Promise<OrderEnd>

export const runCommand: StartOrder = (args) => {
  const main = fileURLToPath(programBeside(import.meta.url, 'main'))
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = `${said}${text}`.slice(-4_000)
  })
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: null, said: messageOf(error) }))
    child.once('close', (code) => resolve({ code, said: lastLines(said) }))
  })
}

/** News of the trial begin with a moment, and go on below it: the page shows them anyway. */
const news = /^\s*[+−]?\d+\.\d{3} s {2}|^ {10}/

function lastLines(text: string): string {
  const lines = text
    .split('\n')
    .map(plain)
    .filter((line) => line.trim() !== '' && !news.test(line))
  return lines.slice(-linesKept).join('\n')
}
