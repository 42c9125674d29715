/** Lies about proofs: that a fault took hold, that it lasted, that it healed. */
import type { EventOf } from '../../../chaos/journal/schema.ts'
import {
  added,
  all,
  change,
  changeOne,
  deadly,
  type Events,
  faults,
  firstFault,
  inOrder,
  type Lie,
  lie,
  meanwhileMs,
  nodesOfRole,
  opened,
  shifted,
  silencing,
} from './lie.ts'

const proved = 'fault-proved'
const lasted = 'fault-lasted'
const healed = 'heal-proved'

/** Changes the first fault's event of a kind. */
const first = <P extends 'requested' | 'acted' | 'proved' | 'lasted' | 'healRequested' | 'healed'>(
  events: Events,
  part: P,
  to: (event: NonNullable<ReturnType<typeof firstFault>[P]>) => object,
): Events | undefined => inOrder(changeOne(events, firstFault(events)[part] as never, (event) => to(event) as never))
const watching = (events: Events): EventOf<'fault.lasted'> | undefined => {
  const { lasted } = firstFault(events)
  return lasted && lasted.watched.length > 0 ? lasted : undefined
}
const siteOf = (events: Events, node: string): string =>
  opened(events).topology.nodes.find(({ name }) => name === node)?.site ?? ''

/** A request in the middle of the fault. */
function during(events: Events, parts: ReturnType<typeof firstFault>): EventOf<'request'> | undefined {
  const fromMs = meanwhileMs(parts)
  return all(events, 'request').find(
    ({ startedMs, outcome, endedMs }) =>
      startedMs > fromMs && outcome === 'acked' && endedMs < (parts.healRequested?.atMs ?? 0),
  )
}
/** A dead node of a role, and the fault that killed it. */
function deadOf(events: Events, role: string): { node: string; atMs: number } | undefined {
  const hit = deadly(events)
  const node = hit?.dead.find((name) => nodesOfRole(events, role).includes(name))
  return hit && node !== undefined ? { node, atMs: meanwhileMs(hit.parts) } : undefined
}

/** When the last database was read: what is down then, stays down. */
const readMs = (events: Events): number => Math.max(...all(events, 'audit.read').map(({ atMs }) => atMs))

const proofLies: Lie[] = [
  lie('faults', 'T0 was stamped 1 s after the first act', proved, (events) =>
    first(events, 'requested', ({ atMs }) => ({ atMs: atMs + 1_000 })),
  ),
  lie('faults', 'T0 and the act were stamped 1 s late', [proved, 'fault-as-planned'], (events) => {
    const { parts } = deadly(events) ?? {}
    if (!parts || !deadOf(events, 'database') || faults(events).length > 1) return undefined
    return inOrder(
      events.map((event) =>
        event === parts.requested || event === parts.acted || event === parts.proved ? shifted(event, 1_000) : event,
      ),
    )
  }),
  lie('faults', 'T0 was stamped 1 s before the first act', proved, (events) =>
    first(events, 'acted', ({ firstActMs, lastActMs, atMs }) => ({
      firstActMs: firstActMs + 1_000,
      lastActMs: lastActMs + 1_000,
      atMs: Math.max(atMs, lastActMs + 1_000),
    })),
  ),
  lie('faults', 'it did nothing', proved, (events) =>
    firstFault(events).requested.target.scope === 'nothing' ? undefined : first(events, 'acted', () => ({ acts: 0 })),
  ),
  lie('faults', 'it acted on fewer nodes than it names', proved, (events) =>
    firstFault(events).requested.nodes.length < 2 ? undefined : first(events, 'acted', () => ({ acts: 1 })),
  ),
  lie('faults', 'that it acted is not recorded', proved, (events) => change(events, 'fault.acted', () => null)),
  lie('faults', 'the spread is told smaller than its acts show', proved, (events) =>
    first(events, 'acted', ({ lastActMs, atMs }) => ({
      lastActMs: lastActMs + 400,
      atMs: Math.max(atMs, lastActMs + 400),
    })),
  ),
  lie('faults', 'the acts are recorded before they were done', proved, (events) =>
    first(events, 'acted', ({ firstActMs }) => ({ lastActMs: firstActMs + 60_000, spreadMs: 60_000 })),
  ),
  lie('faults', 'the proof holds no evidence', proved, (events) => first(events, 'proved', () => ({ evidence: [] }))),
  lie('faults', 'the evidence is empty words', proved, (events) => first(events, 'proved', () => ({ evidence: [''] }))),
  lie('faults', 'the evidence is of other nodes', proved, (events) =>
    deadly(events) === undefined
      ? undefined
      : change(events, 'fault.proved', () => ({ evidence: ['refuse connections: somebody-else'] })),
  ),
  ...(
    [
      [
        'says of the dead that they still answer as well',
        (line: string) => [line, line.replace(/^[^:]*/, 'still answer')],
      ],
      ['says that the dead accept connections', (line: string) => [line.replace(/^[^:]*/, 'accept connections')]],
      ['says that nobody was asked', (line: string) => [line.replace(/^[^:]*/, 'not observed, for want of a port')]],
      ['is according to nobody', (line: string) => [line.replace(/^[^:]*/, 'according to nobody')]],
    ] as const
  ).map(([what, retold]) =>
    lie('faults', `the evidence ${what}`, proved, (events) => {
      const dead = ({ evidence }: { evidence: readonly string[] }) =>
        evidence.some((line) => /^(refuse connections|accept connections and do not answer): \w/.test(line))
      return changeOne(events, all(events, 'fault.proved').find(dead), ({ evidence }) => ({
        evidence: evidence.flatMap((line) => (/^(refuse|accept) connections/.test(line) ? retold(line) : [line])),
      }))
    }),
  ),
  lie('faults', 'the evidence says that what is cut was answered', proved, (events) => {
    const cut = ({ evidence }: { evidence: readonly string[] }) => evidence.some((line) => line.startsWith('silent on'))
    return changeOne(events, all(events, 'fault.proved').find(cut), ({ evidence }) => ({
      evidence: evidence.map((line) => line.replace(/^silent on/, 'answered on')),
    }))
  }),
  lie('heals', 'the evidence of the heal says that all still refuse', healed, (events) =>
    change(events, 'heal.proved', () => ({
      evidence: [
        `still refuse connections: ${opened(events)
          .topology.nodes.map(({ name }) => name)
          .join(', ')}`,
      ],
    })),
  ),
  lie('heals', 'what a later fault takes away is away by the proof of a heal before it', healed, (events) => {
    const parts = faults(events)
    const later = parts.find(
      ({ requested }) => requested.expectGone.nodes.length > 0 && requested !== parts[0]?.requested,
    )
    const before = parts.find(({ healed: proof }) => proof && later && proof.atMs < later.requested.atMs)
    return changeOne(events, before?.healed, ({ evidence }) => ({
      evidence: [`still refuse connections: ${later?.requested.expectGone.nodes.join(', ')}`, ...evidence],
    }))
  }),
  lie('faults', 'the evidence lacks a node', proved, (events) => {
    const hit = deadly(events)
    const proof = hit?.parts.proved
    return changeOne(events, proof, ({ evidence }) => ({
      evidence: evidence.map((line) => line.replaceAll(hit?.dead.at(-1) ?? '', 'nobody')),
    }))
  }),
  lie('faults', 'the evidence is of other links', proved, (events) => {
    const hit = silencing(events)
    return changeOne(events, hit?.parts.proved, () => ({ evidence: ['silent on existing and fresh connections: a>b'] }))
  }),
  lie('faults', 'proved before it was requested', proved, (events) => {
    const { requested } = firstFault(events)
    return first(events, 'proved', () => ({ atMs: requested.atMs - 500 }))
  }),
  lie('faults', 'proved before it had acted', proved, (events) => {
    const { acted } = firstFault(events)
    return acted && acted.acts > 0 ? first(events, 'proved', () => ({ atMs: acted.firstActMs - 5 })) : undefined
  }),
  lie('faults', 'proved after its heal', proved, (events) => {
    const { healed } = firstFault(events)
    return healed && first(events, 'proved', () => ({ atMs: healed.atMs + 100 }))
  }),
  lie('faults', 'proved twice', proved, (events) => {
    const proof = firstFault(events).proved
    return proof && added(events, [{ ...proof, atMs: proof.atMs + 300 }])
  }),
  lie('faults', 'what it took had been gone before', proved, (events) => {
    const router = deadOf(events, 'router')
    const database = deadOf(events, 'database')
    const atMs = firstFault(events).requested.atMs - 400
    return deadly(events)?.parts.requested !== firstFault(events).requested
      ? undefined
      : router
        ? added(events, [{ kind: 'router.reachable', atMs, router: router.node, reachable: false, uncertaintyMs: 50 }])
        : database &&
          added(events, [
            {
              kind: 'database.role',
              atMs,
              node: database.node,
              role: 'unreachable',
              timeline: null,
              uncertaintyMs: 50,
            },
          ])
  }),
]

const lastedLies: Lie[] = [
  lie('faults', 'checked while it lasted, but never looked', lasted, (events) =>
    changeOne(events, watching(events), () => ({ looks: 0 })),
  ),
  lie('faults', 'looked at once in all the time', lasted, (events) => {
    const { requested, healRequested } = firstFault(events)
    return (healRequested?.atMs ?? 0) - requested.atMs < 12_000
      ? undefined
      : changeOne(events, watching(events), () => ({ looks: 1 }))
  }),
  lie('faults', 'more looks than there is time for', lasted, (events) =>
    changeOne(events, watching(events), () => ({ looks: 1_000_000 })),
  ),
  lie('faults', 'nothing was watched', lasted, (events) =>
    changeOne(events, watching(events), () => ({ watched: [], looks: 0, lastMs: null })),
  ),
  lie('faults', 'other nodes were watched', lasted, (events) =>
    changeOne(events, watching(events), ({ watched }) => ({ watched: watched.map((name) => `${name}-2`) })),
  ),
  lie('faults', 'one thing was not watched', lasted, (events) =>
    changeOne(events, watching(events), ({ watched }) => ({
      watched: watched.length > 1 ? watched.slice(1) : ['nobody'],
    })),
  ),
  lie('faults', 'the last look was after the heal', lasted, (events) => {
    const { healRequested } = firstFault(events)
    return changeOne(events, watching(events), () => ({ lastMs: (healRequested?.atMs ?? 0) + 2_000 }))
  }),
  lie('faults', 'found to have lasted before it was proved', lasted, (events) => {
    const proof = firstFault(events).proved
    return (
      proof && inOrder(changeOne(events, firstFault(events).lasted, () => ({ atMs: proof.atMs - 100, lastMs: null })))
    )
  }),
  lie('faults', 'a dead node was started, and nobody said that it lapsed', lasted, (events) => {
    const hit = deadly(events)
    return (
      hit && added(events, [{ kind: 'node.started', atMs: meanwhileMs(hit.parts), node: hit.dead[0], how: 'start' }])
    )
  }),
  lie('faults', 'a dead database commits', [lasted, 'one-primary'], (events) => {
    const dead = deadOf(events, 'database')
    const told = { kind: 'database.writable', node: dead?.node, timeline: 1, uncertaintyMs: 50 } as const
    return (
      dead &&
      added(events, [
        { ...told, atMs: dead.atMs, accepting: true, commitMs: dead.atMs - 1 },
        { ...told, atMs: dead.atMs + 100, accepting: false, commitMs: dead.atMs + 50 },
      ])
    )
  }),
  lie('faults', 'a dead database says what it is', lasted, (events) => {
    const dead = deadOf(events, 'database')
    const told = { kind: 'database.role', node: dead?.node, uncertaintyMs: 50 } as const
    return (
      dead &&
      added(events, [
        { ...told, atMs: dead.atMs, role: 'standby', timeline: 1 },
        { ...told, atMs: dead.atMs + 200, role: 'unreachable', timeline: null },
      ])
    )
  }),
  lie('faults', 'a dead router is reachable', lasted, (events) => {
    const dead = deadOf(events, 'router')
    const told = { kind: 'router.reachable', router: dead?.node, uncertaintyMs: 50 } as const
    return (
      dead &&
      added(events, [
        { ...told, atMs: dead.atMs, reachable: true },
        { ...told, atMs: dead.atMs + 200, reachable: false },
      ])
    )
  }),
  lie('faults', 'a dead site answers by its beacon', lasted, (events) => {
    const dead = deadOf(events, 'beacon')
    const told = { kind: 'beacon.reachable', site: dead && siteOf(events, dead.node), uncertaintyMs: 50 } as const
    return (
      dead &&
      added(events, [
        { ...told, atMs: dead.atMs, reachable: true },
        { ...told, atMs: dead.atMs + 200, reachable: false },
      ])
    )
  }),
  lie('faults', 'a dead app answers a client', lasted, (events) => {
    const dead = deadOf(events, 'app')
    const hit = deadly(events)
    return (
      dead &&
      hit &&
      changeOne(events, during(events, hit.parts), () => ({ node: dead.node, region: siteOf(events, dead.node) }))
    )
  }),
  lie('faults', 'a dead app answers a client before the death was proved', lasted, (events) => {
    const dead = deadOf(events, 'app') ?? deadOf(events, 'database')
    const parts = deadly(events)?.parts
    if (!dead || !parts || parts.requested.planned !== false) return undefined
    const request = all(events, 'request').find(
      ({ op, startedMs, outcome, database }) =>
        op === 'write' && outcome === 'acked' && database !== undefined && startedMs > (parts.acted?.atMs ?? 0) + 10,
    )
    return request && request.startedMs < (parts.proved?.atMs ?? 0)
      ? changeOne(events, request, () =>
          nodesOfRole(events, 'app').includes(dead.node)
            ? { node: dead.node, region: siteOf(events, dead.node) }
            : { database: dead.node },
        )
      : undefined
  }),
  lie('faults', 'a dead member of the DCS tells of its leader', lasted, (events) => {
    const dead = deadOf(events, 'dcs')
    return (
      dead &&
      added(events, [
        { kind: 'dcs.leader', atMs: dead.atMs, member: dead.node, leader: 'pg-west-a', revision: 1, uncertaintyMs: 50 },
      ])
    )
  }),
  lie('faults', 'a router takes a dead node for up', lasted, (events) => {
    const dead = deadly(events)
    const server = all(events, 'router.server').find((event) => dead?.dead.includes(event.server))
    return dead && server && added(events, [{ ...server, atMs: meanwhileMs(dead.parts), state: 'up' }])
  }),
  lie(
    'faults',
    'no beacon tells anything at all',
    lasted,
    (events) => silencing(events) && events.filter((event) => !event.kind.startsWith('beacon.')),
  ),
  lie('faults', 'a dead database answers a client', [lasted, 'one-primary'], (events) => {
    const dead = deadOf(events, 'database')
    const hit = deadly(events)
    return dead && hit && changeOne(events, during(events, hit.parts), () => ({ database: dead.node }))
  }),
  lie('faults', 'a dead region answers a client', lasted, (events) => {
    const hit = deadly(events)
    const app = deadOf(events, 'app')
    const site = app && siteOf(events, app.node)
    const apps = nodesOfRole(events, 'app').filter((name) => siteOf(events, name) === site)
    if (!hit || site === undefined || !apps.every((name) => hit.dead.includes(name))) return undefined
    return changeOne(events, during(events, hit.parts), () => ({ node: undefined, region: site }))
  }),
  lie('faults', 'a region that is cut off answers a client', lasted, (events) => {
    const hit = silencing(events)
    const cut = hit?.silent.find(({ from, to }) => from === 'edge' || to === 'edge')
    const site = cut?.from === 'edge' ? cut.to : cut?.from
    const app = nodesOfRole(events, 'app').find((name) => siteOf(events, name) === site)
    return hit && app !== undefined
      ? changeOne(events, during(events, hit.parts), () => ({ node: app, region: site }))
      : undefined
  }),
  lie('faults', 'a ping comes over a link that is cut', lasted, (events) => {
    const hit = silencing(events)
    const way = hit?.silent[0]
    if (!hit || !way) return undefined
    const atMs = meanwhileMs(hit.parts)
    const told = { kind: 'beacon.heard', at: way.to, from: way.from, uncertaintyMs: 50 } as const
    return added(events, [
      { ...told, atMs, heard: true, lastMs: atMs },
      { ...told, atMs: atMs + 200, heard: false, lastMs: atMs },
    ])
  }),
  lie('faults', 'a round trip over a link that is cut', lasted, (events) => {
    const hit = silencing(events)
    const way = hit?.silent[0]
    if (!hit || !way) return undefined
    const atMs = meanwhileMs(hit.parts)
    const told = { kind: 'beacon.edge', ...way, connection: 'fresh', uncertaintyMs: 50 } as const
    return added(events, [
      { ...told, atMs, up: true, lastAnswerMs: atMs, rttMs: 31 },
      { ...told, atMs: atMs + 200, up: false, lastAnswerMs: atMs, rttMs: null },
    ])
  }),
  lie('faults', 'the matrix of the beacons never showed the cut', [lasted, proved], (events) => {
    const hit = silencing(events)
    if (!hit) return undefined
    const fromMs = hit.parts.requested.atMs
    const untilMs = hit.parts.healRequested?.atMs ?? Infinity
    const within = (atMs: number) => atMs > fromMs && atMs < untilMs
    return events.filter(
      (event) => !((event.kind === 'beacon.edge' || event.kind === 'beacon.heard') && within(event.atMs)),
    )
  }),
  lie('faults', 'the database that died was never seen to stop', [lasted, 'one-primary'], (events) => {
    const hit = deadly(events)
    const primary = hit?.dead.find((name) =>
      all(events, 'database.writable').some(
        ({ node, accepting, atMs }) => node === name && accepting && atMs < hit.parts.requested.atMs,
      ),
    )
    return hit && primary === undefined
      ? undefined
      : change(events, 'database.writable', (event) => (event.node === primary && !event.accepting ? null : undefined))
  }),
]

const healLies: Lie[] = [
  ...(['fault.acted', 'fault.lasted', 'heal.requested', 'heal.acted'] as const).map((kind) =>
    lie('heals', `"${kind}" is told twice of one fault`, 'journal-consistent', (events) => {
      const [event] = all(events, kind)
      return event && added(events, [{ ...event, atMs: event.atMs + 1 }])
    }),
  ),
  lie('heals', 'healed before it was asked for', healed, (events) => {
    const { healRequested } = firstFault(events)
    return healRequested && first(events, 'healed', () => ({ atMs: healRequested.atMs - 200 }))
  }),
  lie('heals', 'the proof of the heal holds no evidence', healed, (events) =>
    first(events, 'healed', () => ({ evidence: [] })),
  ),
  lie('heals', 'the evidence of the heal is empty words', healed, (events) =>
    first(events, 'healed', () => ({ evidence: [' '] })),
  ),
  lie('heals', 'nobody asked for the heal', [healed, lasted, 'fault-as-planned'], (events) =>
    change(events, 'heal.requested', () => null),
  ),
  lie('heals', 'a heal that failed is proved as well', healed, (events) => {
    const heal = firstFault(events).healed
    return (
      heal && added(events, [{ ...heal, kind: 'heal.failed', reason: 'pg-east-a did not start', atMs: heal.atMs + 1 }])
    )
  }),
  lie('heals', 'the heal is of a fault that nobody knows', healed, (events) =>
    first(events, 'healed', ({ faultId }) => ({ faultId: `${faultId}-other` })),
  ),
  lie('heals', 'healed twice', healed, (events) => {
    const heal = firstFault(events).healed
    return heal && added(events, [{ ...heal, atMs: heal.atMs + 500 }])
  }),
  lie('heals', 'a router was down after the last heal, to the end', healed, (events) =>
    added(events, [
      {
        kind: 'router.reachable',
        atMs: readMs(events),
        router: nodesOfRole(events, 'router')[0],
        reachable: false,
        uncertaintyMs: 50,
      },
    ]),
  ),
  lie('heals', 'a database was down after the last heal, to the end', healed, (events) =>
    added(events, [
      {
        kind: 'database.role',
        atMs: readMs(events),
        node: nodesOfRole(events, 'database').at(-1),
        role: 'unreachable',
        timeline: null,
        uncertaintyMs: 50,
      },
    ]),
  ),
  lie('heals', 'a beacon was down after the last heal, to the end', healed, (events) =>
    nodesOfRole(events, 'beacon').length === 0
      ? undefined
      : added(events, [
          { kind: 'beacon.reachable', atMs: readMs(events), site: 'east', reachable: false, uncertaintyMs: 50 },
        ]),
  ),
  lie('heals', 'a link was cut after the last heal, to the end', healed, (events) =>
    all(events, 'beacon.heard').length === 0
      ? undefined
      : added(events, [
          {
            kind: 'beacon.heard',
            atMs: readMs(events),
            at: 'east',
            from: 'west',
            heard: false,
            lastMs: null,
            uncertaintyMs: 50,
          },
        ]),
  ),
  lie('heals', 'no beacon came back', healed, (events) => {
    const hit = silencing(events) ?? deadly(events)
    const healMs = hit?.parts.healRequested?.atMs ?? Infinity
    const told = events.filter(
      (event) =>
        !(
          (event.kind === 'beacon.edge' || event.kind === 'beacon.heard' || event.kind === 'beacon.reachable') &&
          event.atMs > healMs
        ),
    )
    return told.length === events.length ? undefined : told
  }),
  lie('heals', 'no router came back', healed, (events) => {
    const dead = deadOf(events, 'router')
    const healMs = deadly(events)?.parts.healRequested?.atMs ?? Infinity
    return (
      dead &&
      change(events, 'router.reachable', ({ router, atMs }) =>
        router === dead.node && atMs > healMs ? null : undefined,
      )
    )
  }),
  lie('heals', 'no database came back', healed, (events) => {
    const dead = deadOf(events, 'database')
    const healMs = deadly(events)?.parts.healRequested?.atMs ?? Infinity
    return (
      dead &&
      change(events, 'database.role', ({ node, atMs }) => (node === dead.node && atMs > healMs ? null : undefined))
    )
  }),
]

export const faultLies: Lie[] = [...proofLies, ...lastedLies, ...healLies]
