/** HAProxy's runtime API, and what its answers mean. */
import { connect, type Socket } from 'node:net'
import { type Endpoint, endpointOf, type Node } from '../topology/topology.ts'

const answerLimitMs = 1_000

export type ServerState = 'up' | 'down' | 'drain' | 'unknown'

/**
 * Parses HAProxy's `show servers state` (version 1 of the format; management guide 9.3).
 * Operational state 2 is running, 0 stopped, 1 starting, 3 stopping; an administrative state other than 0 is
 * maintenance or drain.
 */
export function parseServersState(text: string): { backend: string; server: string; state: ServerState }[] {
  const servers = []
  for (const line of text.split('\n')) {
    const fields = line.trim().split(' ')
    if (fields.length < 7 || line.startsWith('#')) continue
    const [, backend, , server, , operational, administrative] = fields
    if (!backend || !server || !/^\d+$/.test(operational ?? '')) continue
    const admin = Number(administrative)
    // 0x08, 0x10: forced or inherited drain. 0x01, 0x02, 0x20: maintenance, the last by a name that does not resolve.
    const state: ServerState =
      admin & 0x18
        ? 'drain'
        : admin & 0x23
          ? 'down'
          : operational === '2' || operational === '1'
            ? 'up'
            : operational === '3'
              ? 'drain'
              : 'down'
    servers.push({ backend, server, state })
  }
  return servers
}

/**
 * The servers that HAProxy does not check, as "backend server", from its `show stat` (CSV whose first line names the
 * columns; management guide 9.1). It always calls them running, unless they use the check of another server, which then
 * reports the same under its own name.
 */
export function parseUnchecked(text: string): Set<string> {
  const [names = [], ...rows] = text.split('\n').map((line) => line.split(','))
  const check = names.indexOf('check_status')
  return new Set(
    rows
      .filter((fields) => fields.length === names.length && !fields[check])
      .map(([backend, server]) => `${backend} ${server}`),
  )
}

/** HAProxy's runtime API in interactive mode: one connection, answers end with a prompt. */
export class RuntimeApi {
  readonly #endpoint: Endpoint
  #socket: Socket | undefined
  #buffer = ''
  #settle: { resolve: (text: string) => void; reject: (error: Error) => void } | undefined

  constructor(node: Node) {
    this.#endpoint = endpointOf(node, 'stats')
  }

  async ask(command: string): Promise<string> {
    if (!this.#socket) {
      await this.#open()
      await this.#send('prompt')
    }
    return this.#send(command)
  }

  close(): void {
    this.#socket?.destroy()
    this.#socket = undefined
  }

  async #open(): Promise<void> {
    const socket = connect({ ...this.#endpoint, noDelay: true })
    this.#socket = socket
    this.#buffer = ''
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => {
      this.#buffer += chunk
      if (!this.#buffer.endsWith('\n> ')) return
      const text = this.#buffer.slice(0, -3)
      this.#buffer = ''
      this.#settle?.resolve(text)
    })
    const fail = (error: Error) => {
      if (this.#socket === socket) this.#socket = undefined
      this.#settle?.reject(error)
    }
    socket.on('error', fail)
    socket.on('close', () => fail(new Error('the connection was closed')))
  }

  #send(command: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const limit = setTimeout(() => {
        this.close()
        this.#settle?.reject(new Error(`no answer within ${answerLimitMs / 1000} s`))
      }, answerLimitMs)
      const settled = () => {
        clearTimeout(limit)
        this.#settle = undefined
      }
      this.#settle = {
        resolve: (text) => {
          settled()
          resolve(text)
        },
        reject: (error) => {
          settled()
          reject(error)
        },
      }
      this.#socket?.write(`${command}\n`)
    })
  }
}
