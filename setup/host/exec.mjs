import { spawn } from 'node:child_process'
import { closeSync, openSync, writeSync } from 'node:fs'
import { CommandFailed } from '../errors.mjs'

/**
 * @typedef {object} ExecOptions
 * @property {number} limitMs no command may run longer than this
 * @property {number} [firstLineMs] give up sooner when it has not written one line by then
 * @property {Record<string, string | undefined>} [env] added to the host's environment
 * @property {string} [cwd]
 * @property {string} [input] what it reads from its standard input
 * @property {string} [stdoutFile] write its standard output there instead of keeping it
 * @property {import('./progress.mjs').Task} [task] shows its lines and keeps its log
 * @property {boolean} [finish] let it end by itself even when another part of set-up failed: a package manager stopped
 * half-way leaves a mess
 *
 * @typedef {object} Result
 * @property {number | null} code exit status; null when it was killed or never started
 * @property {string} stdout
 * @property {string} stderr
 * @property {string[]} tail the last 20 lines of both
 * @property {boolean} missing the command does not exist
 * @property {boolean} timedOut
 *
 * @typedef {(command: string, args: string[], options: ExecOptions) => Promise<Result>} Exec
 */

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set()

/**
 * Passes a signal on to every command under way.
 * @param {NodeJS.Signals} signal
 */
export function signalAll(signal) {
  for (const child of running) child.kill(signal)
}

/**
 * Runs commands, each with a time limit. It never rejects: that a command fails, hangs or does not exist is an answer.
 * @param {Record<string, string | undefined>} hostEnv read at each call, so that one step's PATH reaches the next
 * @param {AbortSignal} stop ends what is running, for when another part of set-up has failed
 * @returns {Exec}
 */
export function commandRunner(hostEnv, stop) {
  return (command, args, options) =>
    new Promise((resolve) => {
      const stdoutFd = options.stdoutFile === undefined ? undefined : openSync(options.stdoutFile, 'w')
      options.task?.log(`$ ${command} ${args.join(' ')}`)
      const child = spawn(command, args, {
        cwd: options.cwd,
        env: { ...hostEnv, ...options.env },
        stdio: [options.input === undefined ? 'ignore' : 'pipe', stdoutFd ?? 'pipe', 'pipe'],
      })
      running.add(child)
      const lines = new LineKeeper((line) => {
        clearTimeout(quiet)
        options.task?.line(line)
      })
      let stdout = ''
      let stderr = ''
      let timedOut = false
      const end = () => {
        child.kill('SIGTERM')
        setTimeout(() => child.kill('SIGKILL'), 5000).unref()
      }
      const giveUp = () => {
        timedOut = true
        end()
      }
      const limit = setTimeout(giveUp, options.limitMs)
      const quiet = options.firstLineMs === undefined ? undefined : setTimeout(giveUp, options.firstLineMs)
      if (!options.finish) stop.addEventListener('abort', end)

      child.stdout?.setEncoding('utf8').on('data', (text) => {
        stdout += text
        lines.add(text)
      })
      child.stderr?.setEncoding('utf8').on('data', (text) => {
        stderr += text
        lines.add(text)
      })
      // A command that ends without reading its input is judged by its exit status, not by the broken pipe.
      child.stdin?.on('error', () => {}).end(options.input)

      /** @param {number | null} code @param {boolean} missing */
      const finish = (code, missing) => {
        clearTimeout(limit)
        clearTimeout(quiet)
        stop.removeEventListener('abort', end)
        running.delete(child)
        if (stdoutFd !== undefined) closeSync(stdoutFd)
        resolve({ code, stdout, stderr, tail: lines.last(20), missing, timedOut })
      }
      child.once('error', (error) => finish(null, 'code' in error && error.code === 'ENOENT'))
      child.once('close', (code) => finish(code, false))
    })
}

/**
 * Runs a command that has to succeed.
 * @param {{ exec: Exec }} host
 * @param {string} command
 * @param {string[]} args
 * @param {ExecOptions} options
 * @returns {Promise<Result>}
 * @throws {CommandFailed} with its last lines
 */
export async function must(host, command, args, options) {
  const result = await host.exec(command, args, options)
  if (result.code === 0) return result
  const how = result.missing
    ? 'there is no such command'
    : result.timedOut
      ? `gave up after at most ${options.limitMs / 1000} s`
      : result.code === null
        ? 'was stopped'
        : `exited with ${result.code}`
  throw new CommandFailed([command, ...args].join(' '), how, result.tail)
}

/**
 * Starts a program that outlives this one: in a session of its own, so that no Ctrl-C meant for us reaches it.
 * @param {string} command
 * @param {string[]} args
 * @param {{ env: Record<string, string | undefined>, log: string }} options
 * @returns {{ pid: number | undefined, ended: () => string | undefined }} `ended` tells how it ended, once it has
 */
export function startDetached(command, args, { env, log }) {
  const fd = openSync(log, 'a')
  writeSync(fd, `$ ${command} ${args.join(' ')}\n`)
  const child = spawn(command, args, { env, cwd: '/', detached: true, stdio: ['ignore', fd, fd] })
  closeSync(fd)
  /** @type {string | undefined} */
  let how
  child.once('error', (error) => (how = error.message))
  child.once('exit', (code, signal) => (how = code === null ? `killed by ${signal}` : `exited with ${code}`))
  child.unref()
  return { pid: child.pid, ended: () => how }
}

/** Cuts a stream of text into lines and remembers the last of them. */
class LineKeeper {
  /** @type {string[]} */
  #kept = []
  #open = ''

  /** @param {(line: string) => void} onLine */
  constructor(onLine) {
    this.onLine = onLine
  }

  /** @param {string} text */
  add(text) {
    // A carriage return redraws a progress bar: each redraw counts as a line, or the bar would be one endless line.
    const parts = (this.#open + text).split(/\r\n|\n|\r/)
    this.#open = parts.pop() ?? ''
    for (const line of parts) {
      if (line.trim() === '') continue
      this.#kept.push(line)
      if (this.#kept.length > 40) this.#kept.shift()
      this.onLine(line)
    }
  }

  /** @param {number} count @returns {string[]} */
  last(count) {
    return [...this.#kept, ...(this.#open.trim() === '' ? [] : [this.#open])].slice(-count)
  }
}
