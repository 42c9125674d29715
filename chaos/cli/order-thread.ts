/**
 * A thread that starts commands. Its reason is priority: on Linux each thread has its own, a process that is started has
 * that of the thread that started it, and without root nobody can raise it again. So a process that makes itself less
 * important begins such a thread before: a trial that it orders is then as important as one from a terminal.
 */
import { Worker } from 'node:worker_threads'
import { messageOf } from '../errors.ts'
import { programBeside } from '../roots.ts'
import type { OrderEnd, StartOrder } from './order-command.ts'

export class OrderThread {
  readonly #worker = new Worker(programBeside(import.meta.url, 'order-worker'))
  readonly #waiting = new Map<number, (end: OrderEnd) => void>()
  #count = 0
  #problem: string | undefined

  constructor() {
    this.#worker.on('message', ({ id, end }: { id: number; end: OrderEnd }) => this.#settle(id, end))
    this.#worker.on('error', (error) => this.#fail(messageOf(error)))
    this.#worker.on('exit', () => this.#fail('no orders can be carried out any more'))
    // It keeps no process alive.
    this.#worker.unref()
  }

  readonly start: StartOrder = (args) => {
    if (this.#problem !== undefined) return Promise.resolve({ code: null, said: this.#problem })
    this.#count += 1
    const id = this.#count
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve)
      this.#worker.postMessage({ id, args })
    })
  }

  #settle(id: number, end: OrderEnd): void {
    this.#waiting.get(id)?.(end)
    this.#waiting.delete(id)
  }

  #fail(problem: string): void {
    this.#problem ??= problem
    for (const id of [...this.#waiting.keys()]) this.#settle(id, { code: null, said: this.#problem })
  }
}
