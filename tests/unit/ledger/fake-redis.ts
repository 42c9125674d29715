import { once } from 'node:events'
import type { AddressInfo, Server, Socket } from 'node:net'
import { createServer } from 'node:net'

/**
 * So much of Redis and of a sentinel as the client asks for, on a port of 127.0.0.1, with a way to fall silent and to
 * die.
 */
export class FakeRedis implements AsyncDisposable {
  readonly asked: string[] = []
  readonly values = new Map<string, string>()
  /** What a sentinel answers when asked for the primary. */
  primary: FakeRedis | undefined
  role: 'master' | 'slave' = 'master'
  silent = false
  port = 0
  readonly #sockets = new Set<Socket>()
  #server: Server | undefined

  /** Listens, again on the same port after `die`. */
  async start(): Promise<this> {
    this.#server = createServer((socket) => this.#serve(socket)).listen(this.port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.port = (this.#server.address() as AddressInfo).port
    return this
  }

  get at(): { host: string; port: number } {
    return { host: '127.0.0.1', port: this.port }
  }

  get connections(): number {
    return this.#sockets.size
  }

  async die(): Promise<void> {
    if (!this.#server) return
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server = undefined
    for (const socket of this.#sockets) socket.resetAndDestroy()
    await closed
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.die()
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket)).on('error', () => {})
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk.toString()
      // *2 $3 GET $1 k: the lines between the lengths are the words. Values in these tests hold no line breaks.
      for (
        let match;
        (match = /^\*(\d+)\r\n((?:\$\d+\r\n[^\r\n]*\r\n)+)/.exec(text));
        text = text.slice(match[0].length)
      ) {
        const words = (match[2] ?? '').split('\r\n').filter((_, index) => index % 2 === 1)
        this.asked.push(words.join(' '))
        if (!this.silent) socket.write(this.#answer(words))
      }
    })
  }

  #answer([command = '', key = '', value = '']: string[]): string {
    switch (command.toLowerCase()) {
      case 'info':
        return bulk(`role:${this.role}\r\nloading:0\r\n`)
      case 'sentinel':
        return this.primary ? `*2\r\n${bulk('127.0.0.1')}${bulk(String(this.primary.port))}` : '*-1\r\n'
      case 'get':
        return this.values.has(key) ? bulk(this.values.get(key) ?? '') : '$-1\r\n'
      case 'set':
        if (this.role === 'slave') return "-READONLY You can't write against a read only replica.\r\n"
        this.values.set(key, value)
        return '+OK\r\n'
      case 'del':
        return `:${Number(this.values.delete(key))}\r\n`
      default:
        return `-ERR unknown command '${command}'\r\n`
    }
  }
}

function bulk(text: string): string {
  return `$${Buffer.byteLength(text)}\r\n${text}\r\n`
}
