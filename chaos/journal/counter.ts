/** Counts what a journal holds, so that a file that cannot be a trial's journal is refused. */
import { beyond, mostDistinctNames } from './limits.ts'
import type { MilestoneEvent, MilestoneKind } from './schema.ts'

/** Everything but requests: two days of one look a second at the host, and as much again. */
const mostMilestones = 500_000
/** Events of one kind. Most are written on a change: a day of a world that changes several times a second. */
const mostChanges = 200_000
/** Those that the verdict or the report lists one by one. */
const mostListed: Partial<Record<MilestoneKind, number>> = {
  'trial.opened': 1,
  'trial.closed': 100,
  'fault.requested': 1_000,
  'observer.started': 5_000,
  'observer.summary': 5_000,
  'audit.read': 5_000,
  'audit.failed': 5_000,
  'audit.invariants': 5_000,
  'load.started': 100,
  'load.ended': 100,
  redundant: 5_000,
}

/** Counts what is limited, event by event. @throws JournalLimitError */
export class JournalCounter {
  readonly #ofKind = new Map<MilestoneKind, number>()
  #count = 0
  readonly #names = new Set<string>()

  add(event: MilestoneEvent): void {
    if (++this.#count > mostMilestones) throw beyond('events beside requests', mostMilestones)
    const count = (this.#ofKind.get(event.kind) ?? 0) + 1
    const limit = mostListed[event.kind] ?? mostChanges
    if (count > limit) throw beyond(`events "${event.kind}"`, limit)
    this.#ofKind.set(event.kind, count)
    for (const name of namesIn(event)) {
      this.#names.add(name)
      if (this.#names.size > mostDistinctNames)
        throw beyond('different names of nodes, sites and the like', mostDistinctNames)
    }
  }
}

/** Fields that say of whom an event is. */
const naming = [
  'node',
  'primary',
  'leader',
  'member',
  'router',
  'backend',
  'server',
  'from',
  'to',
  'at',
  'site',
  'subject',
]

function namesIn(event: MilestoneEvent): string[] {
  if (event.kind === 'trial.opened')
    return [...event.topology.nodes, ...event.topology.sites, ...event.topology.links].map(({ name }) => name)
  const values = event as unknown as Record<string, unknown>
  return naming.map((field) => values[field]).filter((value) => typeof value === 'string')
}
