/**
 * The hands of the control room: each order is the command that a person would type, started as a process of its own.
 * So nothing can be done from the page that cannot be done without it, it is checked in the same place, and a page that
 * is closed leaves nothing behind.
 */
import { messageOf } from '../errors.ts'
import type { Topology } from '../topology/topology.ts'
import type { Hands, Order, OrderView, WorldNow } from '../ui/orders.ts'
import { lockOwner } from '../world/lock.ts'
import { readyEngine } from './machine.ts'
import { runCommand, type StartOrder } from './order-command.ts'

/** Older orders are forgotten; what they did is in the journals. */
const ordersKept = 20

export class CommandHands implements Hands {
  readonly #world: string
  readonly #start: StartOrder
  readonly #orders: OrderView[] = []
  #count = 0
  #now: WorldNow
  #topology: Topology | undefined
  #looking: Promise<void> | undefined

  constructor(world: string, start: StartOrder = runCommand) {
    this.#world = world
    this.#start = start
    this.#now = { name: world, isUp: null, why: 'not looked at yet', nodes: 0, usedBy: null }
  }

  get world(): WorldNow {
    return this.#now
  }

  get orders(): readonly OrderView[] {
    return this.#orders
  }

  get topology(): Topology | undefined {
    return this.#topology
  }

  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined
    })
    return this.#looking
  }

  take(order: Order): OrderView {
    const args = argumentsOf(order, this.#world)
    this.#count += 1
    const view: OrderView = {
      id: this.#count,
      command: `npx blackstart ${args
        .filter((word) => word !== '--')
        .map(quoted)
        .join(' ')}`,
      state: 'under way',
      message: null,
    }
    this.#orders.unshift(view)
    this.#orders.splice(ordersKept)
    void this.#carryOut(args, view)
    return { ...view }
  }

  async #carryOut(args: readonly string[], view: OrderView): Promise<void> {
    const { code, said } = await this.#start(args)
    const isDone = wasCarriedOut(code)
    view.state = isDone ? 'done' : 'refused'
    view.message = said === '' ? (isDone ? 'done' : `it ended with exit status ${code}`) : said
    await this.look()
  }

  async #look(): Promise<void> {
    try {
      const engine = await readyEngine('engine')
      const isUp = (await engine.worlds()).has(this.#world)
      this.#topology = isUp ? await engine.topology(this.#world) : undefined
      this.#now = {
        name: this.#world,
        isUp,
        why: isUp ? null : `the world ${this.#world} is not up: "npx blackstart up" brings it up`,
        nodes: this.#topology?.nodes.length ?? 0,
        usedBy: lockOwner(this.#world)?.command ?? null,
      }
    } catch (error) {
      this.#topology = undefined
      this.#now = { name: this.#world, isUp: null, why: messageOf(error), nodes: 0, usedBy: null }
    }
  }
}

/** A trial that missed, or proved nothing, was carried out all the same. */
function wasCarriedOut(code: number | null): boolean {
  return code === 0 || code === 1 || code === 2
}

function argumentsOf(order: Order, world: string): string[] {
  const where = ['--world', world]
  switch (order.do) {
    case 'fault': {
      const length = order.for === undefined ? [] : ['--for', order.for]
      const options = (order.with ?? []).flatMap((option) => ['--with', option])
      return ['fault', ...where, ...length, ...options, '--', order.kind, order.target]
    }
    case 'heal':
      return ['heal', ...where, ...(order.faultId === undefined ? [] : ['--', order.faultId])]
    case 'run':
      return ['run', ...where, '--', order.scenario]
    case 'suite':
      return ['run', ...where, '--suite', order.suite]
    case 'replay':
      return ['replay', ...where, '--', order.run]
    case 'up':
    case 'down':
      return [order.do, ...where]
  }
}

function quoted(word: string): string {
  return /^[\w./:,=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
