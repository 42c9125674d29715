/** The command of paged.ts as a process, and the process of its page. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished } from 'vitest'

/** Of a command that finds no engine, and no desktop, and keeps its runs in that folder. */
export function environment(folder: string): NodeJS.ProcessEnv {
  const { DISPLAY: _x, WAYLAND_DISPLAY: _w, ...env } = process.env
  return { ...env, DOCKER_HOST: 'unix:///nowhere/docker.sock', BLACKSTART_RUNS: folder, BLACKSTART_WORK_DIR: folder }
}

export interface Paged {
  child: ChildProcess
  said: () => string
  /** The work is over, with this status. */
  finish(status: number): void
  ended: Promise<number | null>
  address: string
  /** The page's process. */
  page: number
}

/** Starts it, and waits until it works. Ends with the test. */
export async function paged(folder: string, ...told: string[]): Promise<Paged> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./paged.ts', import.meta.url)), ...told], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: environment(folder),
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (bytes) => {
      text += String(bytes)
    })
  const ended = once(child, 'exit').then(([code]) => code as number | null)
  await expect.poll(() => text).toContain('working')
  const address = /http:\S+/.exec(text)?.[0] ?? ''
  const page = Number(readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim())
  onTestFinished(() => {
    child.kill('SIGKILL')
    if (isAlive(page)) process.kill(page, 'SIGKILL')
  })
  return { child, said: () => text, finish: (status) => child.stdin?.write(`${status}\n`), ended, address, page }
}

/** Whether the process is there and works: one that has ended and that nobody has asked for yet does not. */
export function isAlive(pid: number): boolean {
  try {
    return stateOf(pid)[0] !== 'Z'
  } catch {
    return false
  }
}

/** What the kernel says of a process after its name (proc(5)), from its state on. */
export function stateOf(pid: number): string[] {
  return readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
}
