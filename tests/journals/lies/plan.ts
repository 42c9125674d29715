/** Lies about what was done: another fault than the scenario asks for, at another place, moment or length. */
import type { JournalEvent } from '../../../chaos/journal/schema.ts'
import { change, changeOne, type Events, faults, firstFault, inOrder, type Lie, lie, opened, shifted } from './lie.ts'

const planned = 'fault-as-planned'
const ofFault = (event: JournalEvent): event is JournalEvent & { faultId: string } => 'faultId' in event
/** Changes all events of one fault. */
const ofOne = (events: Events, faultId: string | undefined, to: (event: JournalEvent) => JournalEvent | null): Events =>
  inOrder(events.flatMap((event) => (ofFault(event) && event.faultId === faultId ? (to(event) ?? []) : [event])))
const second = (events: Events): string | undefined => faults(events)[1]?.requested.faultId

/** In every name that the fault's events hold. */
function swapped(events: Events, [a, b]: readonly [string, string]): Events | undefined {
  const text = (event: JournalEvent) =>
    JSON.stringify(event).replaceAll(new RegExp(`\\b(${a}|${b})\\b`, 'g'), (name) => (name === a ? b : a))
  const told = events.map((event) => (ofFault(event) ? (JSON.parse(text(event)) as JournalEvent) : event))
  return told.every((event, i) => JSON.stringify(event) === JSON.stringify(events[i])) ? undefined : told
}

export const planLies: Lie[] = [
  lie('faults', 'the fault hit the region without the primary', [planned, 'fault-lasted'], (events) =>
    firstFault(events).requested.target.scope === 'region' ? swapped(events, ['east', 'west']) : undefined,
  ),
  lie('faults', 'another node was hit than the one with the role', [planned, 'fault-lasted'], (events) => {
    const { requested } = firstFault(events)
    const [name, other] = [requested.named, 'pg-east-b']
    return requested.target.scope === 'node' && name?.scope === 'node' && requested.target.name === 'primary'
      ? swapped(events, [name.name, name.name === other ? 'pg-west-b' : other])
      : undefined
  }),
  lie('faults', 'another kind of fault is recorded', planned, (events) =>
    changeOne(events, firstFault(events).requested, ({ fault }) => ({ fault: fault === 'pause' ? 'kill' : 'pause' })),
  ),
  lie('faults', 'another target is recorded', planned, (events) =>
    changeOne(events, firstFault(events).requested, () => ({
      target: { scope: 'node', name: 'etcd-witness' },
      resolved: 'node etcd-witness',
      named: { scope: 'node', name: 'etcd-witness' },
    })),
  ),
  lie('faults', 'the target has another name than its role means', planned, (events) =>
    changeOne(events, firstFault(events).requested, () => ({
      resolved: 'site witness',
      named: { scope: 'site', name: 'witness' },
    })),
  ),
  lie('faults', 'the options are others', planned, (events) =>
    changeOne(events, firstFault(events).requested, (requested) => ({ with: { ...requested.with, latencyMs: 1 } })),
  ),
  lie('faults', 'a fault came 2 s later than planned', planned, (events) =>
    second(events) === undefined ? undefined : ofOne(events, second(events), (event) => shifted(event, 2_000)),
  ),
  lie('faults', 'a fault came 1 s earlier than planned', planned, (events) =>
    second(events) === undefined ? undefined : ofOne(events, second(events), (event) => shifted(event, -1_000)),
  ),
  lie('faults', 'a planned fault did not happen', ['fault-proved', planned], (events) =>
    second(events) === undefined ? undefined : ofOne(events, second(events), () => null),
  ),
  lie('faults', 'one more fault than planned', planned, (events) =>
    inOrder([
      ...events,
      ...events.filter(ofFault).map((event) => ({ ...shifted(event, 500), faultId: `${event.faultId}-more` })),
    ]),
  ),
  lie('faults', 'two faults have one id', planned, (events) => {
    const [first, other] = faults(events)
    return (
      other &&
      ofOne(
        events,
        other.requested.faultId,
        (event) => ({ ...event, faultId: first?.requested.faultId }) as JournalEvent,
      )
    )
  }),
  lie('faults', 'the proof of one fault stands for two', ['fault-proved', planned], (events) => {
    const [first, other] = faults(events)
    return (
      other &&
      change(events, 'fault.proved', (event) =>
        event.faultId === other.requested.faultId ? { faultId: first?.requested.faultId ?? '' } : undefined,
      )
    )
  }),
  lie('faults', 'healed 1 s after the proof', planned, (events) => {
    const { proved, healRequested, lasted, requested } = firstFault(events)
    if (!proved || !healRequested) return undefined
    const earlierMs = healRequested.atMs - (proved.atMs + 1_000)
    return ofOne(events, requested.faultId, (event) =>
      event.kind.startsWith('heal')
        ? shifted(event, -earlierMs)
        : event === lasted && lasted.lastMs !== null
          ? { ...lasted, atMs: lasted.atMs - earlierMs, lastMs: proved.atMs + 800, looks: 2 }
          : event,
    )
  }),
  lie('faults', 'healed 3 s later than planned', planned, (events) => {
    const { requested, healRequested } = firstFault(events)
    return (
      healRequested &&
      ofOne(events, requested.faultId, (event) =>
        event.kind.startsWith('heal') || (event.kind === 'fault.lasted' && event.lastMs !== null)
          ? shifted(event, 3_000)
          : event,
      )
    )
  }),
  lie('faults', 'the scenario that was played lacks a fault of the journal', planned, (events) =>
    faults(events).length < 2
      ? undefined
      : changeOne(events, opened(events), ({ scenario }) => ({
          scenario: { ...scenario, faults: scenario.faults.slice(0, -1) },
        })),
  ),
  lie('faults', 'the scenario asks for a longer fault', planned, (events) =>
    changeOne(events, opened(events), ({ scenario }) => ({
      scenario: { ...scenario, faults: scenario.faults.map((spec) => ({ ...spec, forMs: spec.forMs + 1_000 })) },
    })),
  ),
  lie('faults', 'not all nodes of the target are told', planned, (events) =>
    firstFault(events).requested.nodes.length < 2
      ? undefined
      : changeOne(events, firstFault(events).requested, ({ nodes }) => ({ nodes: nodes.slice(1) })),
  ),
  lie('faults', 'nothing is told of what it acted upon', planned, (events) => {
    const { requested } = firstFault(events)
    return requested.nodes.length + requested.links.length === 0
      ? undefined
      : changeOne(events, requested, () => ({ nodes: [], links: [] }))
  }),
  lie('faults', 'not all links of the target are told', planned, (events) =>
    firstFault(events).requested.links.length < 2
      ? undefined
      : changeOne(events, firstFault(events).requested, ({ links }) => ({ links: links.slice(1) })),
  ),
  lie('faults', 'what it acted upon may be in any state', [planned, 'fault-lasted'], (events) => {
    const { requested } = firstFault(events)
    const gone = requested.lasting?.gone ?? requested.lasting?.mute ?? []
    return gone.length === 0 ? undefined : changeOne(events, requested, () => ({ lasting: { unsettled: gone } }))
  }),
  lie('faults', 'what it acted upon is said not to change', [planned, 'fault-lasted', 'fault-proved'], (events) => {
    const { requested } = firstFault(events)
    return requested.effect === undefined || requested.nodes.length === 0
      ? undefined
      : changeOne(events, requested, () => ({ effect: {}, lasting: {} }))
  }),
  lie('faults', 'the links that it cut may be in any state', [planned, 'fault-lasted'], (events) => {
    const { requested } = firstFault(events)
    const silent = requested.lasting?.silent
    return silent && changeOne(events, requested, () => ({ lasting: { loose: silent } }))
  }),
  lie('faults', 'the disturbed nodes are not told', planned, (events) => {
    const { requested } = firstFault(events)
    return requested.effect === undefined || (requested.disturbed ?? []).length === 0
      ? undefined
      : changeOne(events, requested, () => ({ disturbed: [] }))
  }),
  lie('faults', 'nothing is told of what should be gone', planned, (events) => {
    const { requested } = firstFault(events)
    return requested.effect === undefined || requested.expectGone.nodes.length === 0
      ? undefined
      : changeOne(events, requested, ({ expectGone }) => ({ expectGone: { ...expectGone, nodes: [] } }))
  }),
]
