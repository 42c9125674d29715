/** Keeps every core busy: as many processes as there are cores, at the usual priority, which do nothing but count. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

/** Ends by itself when its parent has gone, however that ended: then it has another one. */
const program = `const parent = process.ppid
for (;;) { for (let i = 0; i < 1e8; i++); if (process.ppid !== parent) process.exit() }`

export function keepBusy(cores: number): AsyncDisposable {
  const children = Array.from(
    { length: cores },
    (): ChildProcess => spawn(process.execPath, ['-e', program], { stdio: 'ignore' }),
  )
  return {
    async [Symbol.asyncDispose]() {
      const ended = children.map((child) => (child.exitCode === null && child.pid ? once(child, 'exit') : undefined))
      for (const child of children) child.kill('SIGKILL')
      await Promise.all(ended)
    },
  }
}
