/**
 * Reads the states of the servers that a HAProxy checks from its runtime API (`show servers state`) over one
 * connection, ten times a second.
 */
import { messageOf } from '../errors.ts'
import { parseServersState, parseUnchecked, RuntimeApi, type ServerState } from '../stack/haproxy.ts'
import type { Node } from '../topology/topology.ts'
import { every, type Instruments, type Observer, Sampler } from './sampler.ts'

const intervalMs = 100

export function observeRouter(node: Node, { record, now }: Instruments): Observer {
  const sampler = new Sampler({ record, now, observer: 'router', subject: node.name, intervalMs })
  const runtime = new RuntimeApi(node)
  const writeBackend = node.attributes['router.write-backend']
  const states = new Map<string, ServerState>()
  let reachable: boolean | undefined
  let unchecked: Set<string> | undefined
  const sawReachable = (value: boolean) => {
    if (reachable !== value)
      record({ kind: 'router.reachable', router: node.name, reachable: value, uncertaintyMs: sampler.sinceMs })
    reachable = value
  }
  const stop = every(intervalMs, async () => {
    sampler.asked()
    try {
      unchecked ??= parseUnchecked(await runtime.ask('show stat -1 4 -1'))
      const text = await runtime.ask('show servers state')
      sawReachable(true)
      for (const { backend, server, state } of parseServersState(text)) {
        const key = `${backend} ${server}`
        if (states.get(key) === state || unchecked.has(key)) continue
        states.set(key, state)
        record({
          kind: 'router.server',
          router: node.name,
          backend,
          server,
          writes: backend === writeBackend,
          state,
          uncertaintyMs: sampler.sinceMs,
        })
      }
      sampler.sampled()
    } catch (error) {
      sawReachable(false)
      states.clear()
      unchecked = undefined
      if (/ECONNREFUSED|ECONNRESET|closed/.test(messageOf(error))) sampler.sampled()
      else sampler.silent(messageOf(error))
    }
  })
  return {
    async stop() {
      stop()
      runtime.close()
      sampler.summarise()
    },
  }
}
