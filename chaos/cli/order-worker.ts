/** The thread of an OrderThread: starts each command that it is told of, and tells how it ended. */
import { parentPort } from 'node:worker_threads'
import { runCommand } from './order-command.ts'

parentPort?.on('message', async ({ id, args }: { id: number; args: readonly string[] }) => {
  parentPort?.postMessage({ id, end: await runCommand(args) })
})
