/** What a lie is, and the tools to tell one: changes to the events of an honest journal. */
import type { EventKind, EventOf, JournalEvent } from '../../../chaos/journal/schema.ts'

export type Events = readonly JournalEvent[]
/** Fields of an event, as a liar writes them: whatever they hold. */
export type Fields = Record<string, unknown>

export interface Lie {
  name: string
  /** Whose checks must refuse it. */
  area: 'faults' | 'heals' | 'journal' | 'primaries' | 'arrivals' | 'clocks' | 'losses' | 'reads'
  /** The checks and objectives that may refuse it: one of them must. */
  by: readonly string[]
  /** The lying journal; undefined where there is nothing in this one that the lie could change. */
  tell(events: Events): Events | undefined
  /** In how many of the journals there must be something to lie about. */
  least: number
}

export const isKind =
  <K extends EventKind>(kind: K) =>
  (event: JournalEvent): event is EventOf<K> =>
    event.kind === kind

/** Lies ask again for each request. */
const sorted = new WeakMap<Events, Map<EventKind, JournalEvent[]>>()

export function all<K extends EventKind>(events: Events, kind: K): EventOf<K>[] {
  const kinds = sorted.get(events) ?? Map.groupBy(events, (event) => event.kind)
  sorted.set(events, kinds)
  return (kinds.get(kind) ?? []) as EventOf<K>[]
}

/** Changes the events of a kind, or leaves them out. Undefined if that changes nothing. */
export function change<K extends EventKind>(
  events: Events | undefined,
  kind: K,
  lie: (event: EventOf<K>, index: number) => Fields | null | undefined,
): Events | undefined {
  let index = 0
  let changes = 0
  const told = events?.flatMap((event): JournalEvent[] => {
    if (!isKind(kind)(event)) return [event]
    const changed = lie(event, index++)
    if (changed === undefined) return [event]
    changes++
    return changed === null ? [] : [{ ...event, ...changed } as JournalEvent]
  })
  return changes === 0 ? undefined : told
}

/** Changes nothing but this one event. */
export function changeOne<E extends JournalEvent>(
  events: Events,
  which: E | undefined,
  lie: (event: E) => Fields,
): Events | undefined {
  if (which === undefined) return undefined
  return events.map((event) => (event === which ? ({ ...which, ...lie(which) } as JournalEvent) : event))
}

/** With events more, each at its moment. `seq` is given anew afterwards. */
export function added(
  events: Events | undefined,
  more: readonly (Fields & { kind: EventKind; atMs: number })[],
): Events | undefined {
  if (events === undefined || more.length === 0) return undefined
  return inOrder([...events, ...more.map((event) => ({ seq: 0, ...event }) as unknown as JournalEvent)])
}

/** Nothing shows by disorder: what was moved stands where its moment is. */
export function inOrder(events: Events): Events
export function inOrder(events: Events | undefined): Events | undefined
export function inOrder(events: Events | undefined): Events | undefined {
  return events?.toSorted((a, b) => a.atMs - b.atMs)
}

export function opened(events: Events): EventOf<'trial.opened'> {
  return all(events, 'trial.opened')[0] as EventOf<'trial.opened'>
}

export function t0Ms(events: Events): number {
  return Math.min(...all(events, 'fault.requested').map((event) => event.atMs))
}

export function endMs(events: Events): number {
  return all(events, 'trial.closed')[0]?.atMs ?? 0
}

/** The events of one fault, by its number. */
export interface Parts {
  requested: EventOf<'fault.requested'>
  acted: EventOf<'fault.acted'> | undefined
  proved: EventOf<'fault.proved'> | undefined
  lasted: EventOf<'fault.lasted'> | undefined
  healRequested: EventOf<'heal.requested'> | undefined
  healed: EventOf<'heal.proved'> | undefined
}
export function faults(events: Events): Parts[] {
  return all(events, 'fault.requested').map((requested) => {
    const mine = <E extends { faultId: string }>(list: readonly E[]): E | undefined =>
      list.find((event) => event.faultId === requested.faultId)
    return {
      requested,
      acted: mine(all(events, 'fault.acted')),
      proved: mine(all(events, 'fault.proved')),
      lasted: mine(all(events, 'fault.lasted')),
      healRequested: mine(all(events, 'heal.requested')),
      healed: mine(all(events, 'heal.proved')),
    }
  })
}
export function firstFault(events: Events): Parts {
  return faults(events)[0] as Parts
}

/** The middle of the time in which a fault had been proved and was not yet to heal. */
export function meanwhileMs({ proved, healRequested }: Parts): number {
  return ((proved?.atMs ?? 0) + (healRequested?.atMs ?? 0)) / 2
}

/** The first fault that takes nodes away for good, and these. */
export function deadly(events: Events): { parts: Parts; dead: string[] } | undefined {
  for (const parts of faults(events)) {
    const { lasting, fault, expectGone } = parts.requested
    const dead = lasting ? [...(lasting.gone ?? []), ...(lasting.mute ?? [])] : expectGone.nodes
    if (fault !== 'crash-loop' && dead.length > 0) return { parts, dead }
  }
  return undefined
}

/** The first fault that silences directions for good, and these. */
export function silencing(
  events: Events,
): { parts: Parts; silent: readonly { from: string; to: string }[] } | undefined {
  for (const parts of faults(events)) {
    const silent = parts.requested.lasting?.silent ?? []
    if (silent.length > 0) return { parts, silent }
  }
  return undefined
}

export function nodesOfRole(events: Events, role: string): string[] {
  return opened(events).topology.nodes.flatMap((node) => (node.role === role ? [node.name] : []))
}

/** Shifts events and every moment in them that a lie may have to move with it. */
export function shifted<E extends JournalEvent>(event: E, byMs: number): E {
  const moments = ['atMs', 'firstActMs', 'lastActMs', 'lastMs', 'scheduledMs', 'startedMs', 'endedMs', 'firstArrivalMs']
  const moved = { ...event } as Record<string, unknown>
  for (const field of moments) {
    const value = moved[field]
    if (typeof value === 'number') moved[field] = value + byMs
  }
  return moved as unknown as E
}

/** One lie. */
export function lie(
  area: Lie['area'],
  name: string,
  by: string | readonly string[],
  tell: Lie['tell'],
  { least = 2 }: { least?: number } = {},
): Lie {
  return { area, name, by: typeof by === 'string' ? [by] : by, tell, least }
}
/** Of which only one of the kept journals holds what it takes. */
export const rare = { least: 1 }
