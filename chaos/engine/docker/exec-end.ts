/**
 * Ends a command that the engine runs in a container, with all that it has started. The engine has no call for that, but
 * it tells the process's id, and a helper in its machine's process namespace may signal it. The container's own shell
 * is not needed, which it may not have.
 */
import type Docker from 'dockerode'
import { messageOf } from '../../errors.ts'
import { killTree } from '../../host/kill-tree.ts'
import { waitUntil } from '../../wait.ts'
import type { Daemon } from './daemon.ts'
import { hostPowers, startHelper } from './helper.ts'

const endLimitMs = 10_000

/** Returns when it has ended: undefined, or why it runs on. Never rejects. */
export async function endExec(
  daemon: Pick<Daemon, 'docker'>,
  { exec, containerId, what }: { exec: Docker.Exec; containerId: string; what: string },
): Promise<string | undefined> {
  try {
    const pid = await pidOf(exec)
    if (pid === undefined) return undefined
    const { Config } = await daemon.docker.getContainer(containerId).inspect()
    const world = Config.Labels['blackstart.world'] ?? ''
    const helper = await startHelper(daemon, { world, what: `ending what is ${what}`, host: hostPowers })
    try {
      await helper.run(killTree(pid, containerId))
    } finally {
      await helper.dispose()
    }
    await waitUntil(
      async () =>
        (await exec.inspect()).Running ? { done: false, seen: 'it runs' } : { done: true, value: undefined },
      { until: 'it has ended', limitMs: endLimitMs, everyMs: 20 },
    )
    return undefined
  } catch (error) {
    return messageOf(error)
  }
}

/**
 * The id of the command's process on the engine's machine; undefined when it has ended. A command may run, and be heard,
 * before the engine knows its id: it says 0 until then.
 */
export async function pidOf(exec: Pick<Docker.Exec, 'inspect'>): Promise<number | undefined> {
  return await waitUntil(
    async () => {
      const { Running, Pid } = await exec.inspect()
      if (!Running) return { done: true, value: undefined }
      return Pid > 0 ? { done: true, value: Pid } : { done: false, seen: 'it runs, as process 0' }
    },
    { until: 'the engine tells the id of its process', limitMs: endLimitMs, everyMs: 20 },
  )
}
