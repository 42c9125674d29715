/** The current state of a trial, kept from its events. Cheap: a request costs two additions and a push. */
import type { EventOf, JournalEvent } from '../journal/schema.ts'
import { SystemState } from '../journal/system.ts'
import { requestedFault } from '../judge/words.ts'
import { nearestRank } from '../report/bins.ts'
import { isMultiPrimary, nodesOf } from '../topology/topology.ts'

const slotMs = 100
const rateSlots = 1000 / slotMs
const historySeconds = 60
/** For so long latencies are kept. */
const longestPaceMs = 10_000

interface Slot {
  acked: number
  failed: number
  latenciesMs: number[]
}
export interface Pace {
  ackedPerSecond: number
  failedPerSecond: number
  p99Ms: number | null
}
export interface ActiveFault {
  name: string
  sinceMs: number
  /** Its heal was tried, and could not be proved. */
  healFailed: boolean
}

export class LiveState {
  stage = ''
  stageSinceMs = 0
  /** Node → how far its reading has come, while the stored writes are read. */
  readonly reading = new Map<string, { done: number; of: number | null }>()
  /** The moment the first fault was requested. */
  zeroMs: number | null = null
  readonly system = new SystemState()
  /** Fault that acts → what it is and since when. */
  readonly faults = new Map<string, ActiveFault>()
  /** Every fault so far → its name, healed or not; empty where the scenario has only one. */
  readonly faultNames = new Map<string, string>()
  #severalFaults = false
  /** Every database takes writes, so that two at once are no split. */
  multiPrimary = false
  readonly #slots = new Map<number, Slot>()

  apply(event: JournalEvent): void {
    switch (event.kind) {
      case 'request':
        this.#count(event)
        return
      case 'trial.opened':
        this.#open(event)
        return
      case 'stage.entered':
        this.stage = event.stage
        this.stageSinceMs = event.atMs
        this.reading.clear()
        return
      case 'audit.progress':
        this.reading.set(event.node, event)
        return
      case 'audit.read':
      case 'audit.failed':
        this.reading.delete(event.node)
        return
      case 'fault.requested':
        this.zeroMs ??= event.atMs
        this.faults.set(event.faultId, { name: requestedFault(event), sinceMs: event.atMs, healFailed: false })
        if (this.#severalFaults) this.faultNames.set(event.faultId, requestedFault(event))
        return
      case 'heal.proved':
        this.faults.delete(event.faultId)
        return
      case 'heal.failed': {
        const fault = this.faults.get(event.faultId)
        if (fault) fault.healFailed = true
        return
      }
      default:
        this.system.see(event)
    }
  }

  /** Ids of the faults that are not healed, and whose heal has not failed. */
  unhealed(): string[] {
    return [...this.faults].filter(([, { healFailed }]) => !healFailed).map(([faultId]) => faultId)
  }

  accepting(): string[] {
    return [...this.system.databases].filter(([, state]) => state.accepting).map(([node]) => node)
  }

  /**
   * The mean of the last second, or of another time, in milliseconds, of at most ten. Requests count when their answer
   * was learnt.
   */
  pace(nowMs: number, overMs = 1_000): Pace {
    this.#forget(nowMs)
    const now = Math.floor(nowMs / slotMs)
    const length = Math.max(rateSlots, Math.round(overMs / slotMs))
    const recent = Array.from({ length }, (_, back) => this.#slots.get(now - 1 - back)).filter(
      (slot) => slot !== undefined,
    )
    const perSecond = (count: number): number => Math.round((count * rateSlots) / length)
    const latencies = recent.flatMap((slot) => slot.latenciesMs).toSorted((a, b) => a - b)
    return {
      ackedPerSecond: perSecond(sum(recent, 'acked')),
      failedPerSecond: perSecond(sum(recent, 'failed')),
      p99Ms: nearestRank(latencies, 0.99),
    }
  }

  /** Share of successes in each of the last seconds, oldest first; null where no request ended. */
  history(nowMs: number): (number | null)[] {
    this.#forget(nowMs)
    const now = Math.floor(nowMs / 1000)
    return Array.from({ length: historySeconds }, (_, index) => {
      const second = now - historySeconds + index
      const slots = Array.from({ length: rateSlots }, (_, part) => this.#slots.get(second * rateSlots + part)).filter(
        (slot) => slot !== undefined,
      )
      const [acked, failed] = [sum(slots, 'acked'), sum(slots, 'failed')]
      return acked + failed === 0 ? null : acked / (acked + failed)
    })
  }

  #open(event: EventOf<'trial.opened'>): void {
    this.#severalFaults = event.scenario.faults.length > 1
    const databases = nodesOf(event.topology, 'database')
    this.multiPrimary = databases.some(isMultiPrimary)
    for (const { name } of databases)
      this.system.databases.set(name, { role: 'unknown', timeline: null, accepting: false })
  }

  #count(event: EventOf<'request'>): void {
    const index = Math.floor(event.atMs / slotMs)
    let slot = this.#slots.get(index)
    if (slot === undefined) {
      slot = { acked: 0, failed: 0, latenciesMs: [] }
      this.#slots.set(index, slot)
    }
    if (event.outcome === 'acked') {
      slot.acked += 1
      slot.latenciesMs.push(event.endedMs - event.scheduledMs)
    } else {
      slot.failed += 1
    }
  }

  /** Counts are kept for the history, latencies only for the pace. */
  #forget(nowMs: number): void {
    const now = Math.floor(nowMs / slotMs)
    for (const [index, slot] of this.#slots) {
      if (index < now - (historySeconds + 1) * rateSlots) this.#slots.delete(index)
      else if (index < now - longestPaceMs / slotMs - 1) slot.latenciesMs.length = 0
    }
  }
}

function sum(slots: readonly Slot[], field: 'acked' | 'failed'): number {
  return slots.reduce((all, slot) => all + slot[field], 0)
}
