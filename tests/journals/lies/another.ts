/** Lies that somebody found who looked at the finished judge with fresh eyes. */
import type { EventOf } from '../../../chaos/journal/schema.ts'
import { all, change, changeOne, type Events, firstFault, inOrder, type Lie, lie, opened, t0Ms } from './lie.ts'

const consistent = 'journal-consistent'

/** One direction of a link between sites that no fault touches is not heard in these times after the fault. */
function cutElsewhere(events: Events, cuts: readonly (readonly [fromMs: number, toMs: number])[]): Events | undefined {
  const faultsAtMs = t0Ms(events)
  const requests = all(events, 'fault.requested')
  const nodes = new Set(requests.flatMap((request) => [...request.nodes, ...(request.disturbed ?? [])]))
  const touched = new Set([
    ...requests.flatMap(({ expectGone }) => expectGone.edges.flatMap(({ from, to }) => [from, to])),
    ...opened(events).topology.nodes.flatMap(({ name, site }) => (nodes.has(name) ? [site] : [])),
  ])
  const edge = all(events, 'beacon.heard').find(
    ({ at, from, heard }) => heard && !touched.has(at) && !touched.has(from),
  )
  return edge && inOrder([...events, ...cuts.flatMap((cut) => cutAt(edge, faultsAtMs, cut))])
}

function cutAt(
  edge: EventOf<'beacon.heard'>,
  t0Ms: number,
  [fromMs, toMs]: readonly [fromMs: number, toMs: number],
): EventOf<'beacon.heard'>[] {
  return [
    { ...edge, heard: false, atMs: t0Ms + fromMs, lastMs: t0Ms + fromMs - 150 },
    { ...edge, heard: true, atMs: t0Ms + toMs, lastMs: t0Ms + toMs },
  ]
}

export const anotherLies: Lie[] = [
  lie('losses', 'a lost write is told as a read', 'load-reached-rate', (events) => {
    const lost = all(events, 'request').findLast(({ op, n }) => op === 'write' && n > 20)
    return changeOne(events, lost, () => ({ op: 'read' }))
  }),
  lie(
    'primaries',
    'a second primary committed as if at the start of the trial',
    [consistent, 'one-primary'],
    (events) => {
      const first = all(events, 'database.writable').find(({ accepting }) => accepting)
      const other = opened(events).topology.nodes.find(({ role, name }) => role === 'database' && name !== first?.node)
      if (first === undefined || other === undefined) return undefined
      const atMs = t0Ms(events) - 500
      const spell = [true, false].map((accepting, i) => ({
        ...first,
        node: other.name,
        accepting,
        atMs: atMs + 3000 * i,
        commitMs: 0,
        uncertaintyMs: 50,
      }))
      return inOrder([...events, ...spell])
    },
  ),
  lie('primaries', 'the last commit of a spell is told as of before', consistent, (events) => {
    const last = all(events, 'database.writable').find(({ accepting, commitMs }) => !accepting && commitMs !== null)
    return changeOne(events, last, ({ commitMs }) => ({ commitMs: Number(commitMs) - 2000 }))
  }),
  lie('journal', 'an answer names nobody', consistent, (events) => {
    const answered = all(events, 'request').find(({ outcome, node }) => outcome === 'acked' && node !== undefined)
    return changeOne(events, answered, () => ({ node: undefined, region: undefined, database: undefined }))
  }),
  lie('losses', 'a lost write timed out with an answer', consistent, (events) => {
    const lost = all(events, 'request').findLast(({ op, outcome }) => op === 'write' && outcome === 'acked')
    return changeOne(events, lost, () => ({ outcome: 'unknown', status: 0, error: 'timeout' }))
  }),
  lie('primaries', 'databases were to be asked every five seconds', 'observers-without-gaps', (events) =>
    change(events, 'observer.started', ({ observer }) => (observer === 'database' ? { intervalMs: 5000 } : undefined)),
  ),
  lie('losses', 'a broken invariant is left out on every database', 'invariants-hold', (events) => {
    const named = opened(events).topology.nodes.some(({ attributes }) =>
      /select\s+'/i.test(attributes['audit.invariants'] ?? ''),
    )
    if (!named) return undefined
    return change(events, 'audit.read', ({ invariants }) => ({ invariants: invariants.slice(1) }))
  }),
  lie('faults', 'the fault changes less than its kind does', 'fault-as-planned', (events) => {
    const { requested } = firstFault(events)
    const { effect, lasting } = requested
    if (effect === undefined || lasting === undefined || (lasting.gone ?? []).length === 0) return undefined
    const unsettled = { ...lasting, gone: [], unsettled: lasting.gone }
    const told = changeOne(events, requested, () => ({ lasting: unsettled }))
    return told && change(told, 'fault.lasted', () => ({ watched: [], lastMs: null, looks: 0 }))
  }),
  lie('faults', 'T0 is told half a second after its stage began', 'fault-proved', (events) => {
    const stage = all(events, 'stage.entered').find((event) => event.stage === 'fault')
    return stage && changeOne(events, stage, ({ atMs }) => ({ atMs: atMs - 500 }))
  }),
  lie('faults', 'a database was unreachable from before the fault', 'fault-proved', (events) => {
    const { requested } = firstFault(events)
    const spared = all(events, 'database.role').find(
      ({ node, atMs }) => atMs < requested.atMs && !requested.expectGone.nodes.includes(node),
    )
    const back = { ...spared, role: 'standby', atMs: requested.atMs + 100 }
    return (
      spared &&
      inOrder([
        ...events,
        { ...spared, role: 'unreachable' as const, atMs: requested.atMs - 100 },
        back as typeof spared,
      ])
    )
  }),
  lie('faults', 'a link that no fault touches was cut all the while', 'fault-proved', (events) =>
    cutElsewhere(events, [[500, 4_500]]),
  ),
  lie('faults', 'a link that no fault touches was cut for two seconds, three times', 'fault-proved', (events) =>
    cutElsewhere(events, [
      [200, 2_200],
      [2_400, 4_400],
      [4_600, 6_600],
    ]),
  ),
  lie('faults', 'what a fault cut was cut again long after its heal', ['fault-proved', 'heal-proved'], (events) => {
    const healedMs = Math.max(...all(events, 'heal.proved').map(({ atMs }) => atMs))
    const cut = all(events, 'fault.requested').flatMap(({ expectGone }) => expectGone.edges)
    const edge = all(events, 'beacon.heard').findLast(
      ({ at, from, heard }) => heard && cut.some((one) => one.from === from && one.to === at),
    )
    const late = Number(all(events, 'load.ended')[0]?.atMs) > healedMs + 7_500
    return edge && late ? inOrder([...events, ...cutAt(edge, healedMs, [3_500, 7_000])]) : undefined
  }),
  lie('losses', 'a database was read while it was unreachable', 'every-database-read', (events) => {
    const seen = all(events, 'database.role').at(-1)
    const audit = all(events, 'audit.read').find(({ node }) => node === seen?.node)
    return seen && audit && inOrder([...events, { ...seen, role: 'unreachable' as const, atMs: audit.atMs - 5 }])
  }),
  lie('losses', 'replication was not looked at when the fault was due', 'replication-caught-up', (events) => {
    const stage = all(events, 'stage.entered').find((event) => event.stage === 'fault')
    return (
      stage &&
      change(events, 'database.replication', ({ atMs }) =>
        atMs > stage.atMs - 2_000 && atMs < stage.atMs + 100 ? null : undefined,
      )
    )
  }),
  lie('heals', 'the heal took longer than there was time for', 'heal-proved', (events) =>
    change(events, 'heal.acted', ({ tookMs }) => ({ tookMs: tookMs + 15_000 })),
  ),
  lie('arrivals', 'the load of a planned trial was told to stop', 'no-dropped-arrivals', (events) =>
    change(events, 'load.ended', ({ atMs }) => ({ stoppedMs: atMs - 4_000 })),
  ),
  lie('clocks', 'clocks were compared in no time', 'clocks-agree', (events) => {
    const one = all(events, 'load.clock')[0]
    return opened(events).schemaVersion < 2
      ? undefined
      : changeOne(events, one, () => ({ offsetMs: 300, roundTripMs: 0 }))
  }),
]
