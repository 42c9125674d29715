import type { Result } from '../../../setup/host/exec.mjs'
import type { Host } from '../../../setup/host/host.mjs'
import type { Show } from '../../../setup/host/progress.mjs'
import { PASSWORDS } from '../../../setup/password-names.mjs'

type Answer = Partial<Result> | ((args: string[]) => Partial<Result>)

/**
 * A machine made of answers: `commands` by the start of the command line, longest match first. An unknown command does
 * not exist.
 */
export function fakeHost(
  machine: Partial<Host> & { commands?: Record<string, Answer>; files?: Record<string, string> } = {},
) {
  const { commands = {}, files = {}, ...rest } = machine
  const ran: string[] = []
  const starts = Object.keys(commands).sort((a, b) => b.length - a.length)
  const host: Host = {
    root: '/checkout',
    work: rest.root ?? '/checkout',
    kept: `${rest.root ?? '/checkout'}/.blackstart`,
    isInstalled: false,
    platform: 'linux',
    arch: 'x64',
    uid: 0,
    nodeVersion: '24.1.0',
    nodePath: '/usr/bin/node',
    cores: 2,
    totalMemory: 8 * 1024 ** 3,
    env: { PATH: '/usr/bin', ...Object.fromEntries(PASSWORDS.map((name) => [name, 'known'])) },
    read: (path) => files[path],
    exists: (path) => path in files,
    lstat: (path) => (path in files ? { isLink: false, mode: 0o100600 } : undefined),
    which: (command) => (command in commands || `${command}!` in commands ? `/usr/bin/${command}` : undefined),
    freeBytes: () => 50 * 1024 ** 3,
    sleep: async () => {},
    nowMs: () => 0,
    startDetached: () => {
      throw new Error('nothing was meant to be started')
    },
    exec: async (command, args) => {
      const line = [command, ...args].join(' ')
      ran.push(line)
      const start = starts.find((candidate) => line === candidate || line.startsWith(`${candidate} `))
      const given = start === undefined ? { code: null, missing: true } : commands[start]
      const answer = typeof given === 'function' ? given(args) : given
      return { code: 0, stdout: '', stderr: '', tail: [], missing: false, timedOut: false, ...answer }
    },
    ...rest,
  }
  return { host, ran }
}

export const debian12 = { '/etc/os-release': 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\n' }
export const fedora = { '/etc/os-release': 'PRETTY_NAME="Fedora Linux 43"\nID=fedora\n' }

/** What `docker version --format '{{json .}}'` prints. */
export function dockerVersion(api = '1.41', version = '20.10.24', context = 'default'): Partial<Result> {
  return { stdout: JSON.stringify({ Client: { Context: context }, Server: { Version: version, ApiVersion: api } }) }
}

export function dockerFails(stderr: string): Partial<Result> {
  return { code: 1, stdout: JSON.stringify({ Client: { Context: 'default' }, Server: null }), stderr }
}

/** Collects what the user would read. */
export function recordingShow(): Show & { lines: string[] } {
  const lines: string[] = []
  const note = (text: string) => void lines.push(text)
  return {
    lines,
    say: note,
    begin(title, logFile) {
      note(title)
      const nothing = () => {}
      return {
        logFile,
        line: nothing,
        log: nothing,
        done: () => note(`done: ${title}`),
        failed: () => note(`failed: ${title}`),
        stopped: nothing,
      }
    },
  }
}
