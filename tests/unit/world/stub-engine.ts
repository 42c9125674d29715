/**
 * A Docker engine on a Unix socket with things to list and to remove, and whatever it answers when one is to be
 * removed.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Docker from 'dockerode'
import { DockerEngine } from '../../../chaos/engine/docker/engine.ts'

export type Kind = 'containers' | 'networks' | 'volumes'
export interface Refusal {
  status: number
  message: string
}

export class StubEngine implements AsyncDisposable {
  readonly things: Record<Kind, string[]> = { containers: [], networks: [], volumes: [] }
  /** Every request that lists or removes, as "GET networks" or "DELETE volumes/v". */
  readonly asked: string[] = []
  /** Called when something is to be removed: a refusal, or nothing, and it goes. */
  refuse: (kind: Kind, name: string) => Refusal | undefined = () => undefined
  /** Called with each request that is counted, before it is answered; a refusal ends it. */
  before: (asked: string) => Refusal | undefined = () => undefined
  readonly #folder = mkdtempSync(join(tmpdir(), 'blackstart-stub-'))
  readonly socket = join(this.#folder, 'docker.sock')
  #server: Server | undefined

  async start(): Promise<this> {
    this.#server = createServer((request, response) => {
      const path = new URL(request.url ?? '', 'http://engine').pathname.replace(/^\/v[\d.]+/, '')
      // Nothing happens here of which it would tell, until it ends.
      if (path === '/events') return void response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders()
      const { status, body } = this.#answer(request.method ?? '', path)
      response
        .writeHead(status, { 'content-type': 'application/json' })
        .end(status === 204 ? undefined : JSON.stringify(body))
    })
    await new Promise<void>((resolve) => this.#server?.listen(this.socket, resolve))
    return this
  }

  get engine(): DockerEngine {
    return new DockerEngine(new Docker({ socketPath: this.socket }))
  }

  #answer(method: string, path: string): { status: number; body?: unknown } {
    const [, kind = '', name = ''] =
      /^\/(containers|networks|volumes)(?:\/([^/]+))?$/.exec(path.replace(/\/json$/, '')) ?? []
    if (!isKind(kind)) return { status: 404, body: { message: `no such page: ${path}` } }
    const asked = `${method} ${kind}${name && `/${name}`}`
    this.asked.push(asked)
    const refusal = this.before(asked) ?? (method === 'DELETE' ? this.refuse(kind, name) : undefined)
    if (refusal) return { status: refusal.status, body: { message: refusal.message } }
    if (method === 'DELETE') {
      this.things[kind] = this.things[kind].filter((each) => each !== name)
      return { status: 204 }
    }
    const listed = this.things[kind].map((each) => ({
      Id: each,
      Name: each,
      Names: [`/${each}`],
      Labels: {},
      Ports: [],
      State: 'created',
    }))
    return { status: 200, body: kind === 'volumes' ? { Volumes: listed } : listed }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server?.closeAllConnections()
    await new Promise((resolve) => this.#server?.close(resolve))
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

function isKind(kind: string): kind is Kind {
  return ['containers', 'networks', 'volumes'].includes(kind)
}
