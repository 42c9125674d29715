// Goal: nodes are started whatever becomes of helpers meanwhile: another fault that heals at the same moment ends its own.
// Method: an engine that lists a helper as running which is gone when it is asked about.
import type Docker from 'dockerode'
import { expect, test } from 'vitest'
import { startContainers } from '../../../chaos/engine/docker/containers.ts'
import type { Daemon } from '../../../chaos/engine/docker/daemon.ts'
import type { Container } from '../../../chaos/engine/engine.ts'

const gone = () => Promise.reject(Object.assign(new Error('no such container'), { statusCode: 404 }))
const container = (service: string, state: Container['state'], role: string): Container =>
  ({ id: service, service, state, labels: { 'blackstart.role': role }, endpoints: {}, addresses: [] }) as Container

function engineWith(started: string[]): Daemon {
  const handles: Record<string, Partial<Docker.Container>> = {
    'api-1': { start: async () => void started.push('api-1') },
    helper: { top: gone, wait: gone, inspect: gone, start: gone },
  }
  return {
    docker: { getContainer: (id: string) => handles[id] },
    containers: async () => [container('api-1', 'exited', 'app'), container('helper', 'running', 'helper')],
  } as unknown as Daemon
}

test.each([[['api-1']], [undefined]])(
  'a helper that goes while %j are started is nobody to wait for',
  async (nodes) => {
    const started: string[] = []
    expect(await startContainers(engineWith(started), 'w', nodes)).toEqual(['api-1'])
    expect(started).toEqual(['api-1'])
  },
)
