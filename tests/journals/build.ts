/**
 * Journals written by hand, as stories: `journal().fault('kill').takeOver({ … }).outage({ toMs: 3600 }).build()`.
 * Deterministic. Moments in the methods' options are milliseconds after T0, and T0 is `t0Ms` on the trial's clock.
 */

import { errors, neverLeft } from '../../chaos/journal/load.ts'
import { formatRanges } from '../../chaos/journal/ranges.ts'
import { type RecordedJournal, recordedJournal } from '../../chaos/journal/recorded.ts'
import type { RequestEvent } from '../../chaos/journal/requests.ts'
import type { EventBody, EventKind, EventOf, JournalEvent } from '../../chaos/journal/schema.ts'
import { dueMs, dueUpTo, type Pace, type Surge, surgesBetween } from '../../chaos/scenarios/due.ts'
import type { FaultKind, FaultSpec } from '../../chaos/scenarios/schema.ts'
import { databases, dcsMembers, nodesIn, routers, type ScenarioOptions, scenarioOf, topology } from './world.ts'

const firstArrivalMs = 1000
const trialId = 'paper-1'

interface Stamped {
  atMs: number
  body: EventBody
}
type Edit = (events: JournalEvent[]) => JournalEvent[]
export interface TakeOver {
  to?: string
  detectedMs: number
  electedMs: number
  promotedMs: number
  routedMs: number
}
export interface OutageOptions {
  fromMs?: number
  toMs: number
  /** Which of the requests scheduled in between are hit; all of them unless said otherwise. */
  hits?: (request: RequestEvent) => boolean
  /** Failed ones end after 800 ms; slow ones succeed when the outage is over. */
  as?: 'unknown' | 'rejected' | 'slow'
}

/** A trial of 40 requests a second, 4 s before and 14 s after the fault; without further words nothing goes wrong. */
export function journal(options: Partial<ScenarioOptions> = {}): Story {
  return new Story({
    name: 'region-kill',
    ratePerSecond: 40,
    writeEvery: 2,
    steadyMs: 4000,
    observeMs: 14_000,
    objectives: {},
    ...options,
  })
}

type Reading = EventOf<'audit.read'>

/** An audit that holds these writes (all that it held, unless they are given), with the right number of rows. */
export function audited(
  event: Reading,
  change: Partial<Omit<Reading, 'writes'>> & { numbers?: number[] } = {},
): Reading {
  const { numbers = numbersOf(event.writes), ...rest } = change
  const changed = { ...event, ...rest, writes: formatRanges(numbers.toSorted((a, b) => a - b)) }
  return { ...changed, rows: rest.rows ?? numbers.length + changed.duplicated.length + changed.unexpected.length }
}

/** "0-2,5" → 0, 1, 2, 5. */
export function numbersOf(writes: string): number[] {
  const pieces = writes === '' ? [] : writes.split(',').map((piece) => piece.split('-').map(Number))
  return pieces.flatMap(([start = 0, end = start]) => Array.from({ length: end - start + 1 }, (_, i) => start + i))
}

export class Story {
  readonly #options: ScenarioOptions
  readonly #events: Stamped[] = []
  readonly #requestEdits: ((request: RequestEvent) => RequestEvent | null)[] = []
  readonly #absent = new Map<string, Set<number>>()
  readonly #edits: Edit[] = []
  /** When the old primary is there again. */
  readonly #returns: number[] = []
  readonly #absences: { nodes: readonly string[]; fromMs: number; toMs: number }[] = []
  readonly t0Ms: number
  readonly endMs: number

  constructor(options: ScenarioOptions) {
    this.#options = options
    this.t0Ms = firstArrivalMs + options.steadyMs
    this.endMs = this.t0Ms + options.observeMs
    this.#calm()
  }

  /** As the load generator would be asked for it. */
  get #pace(): Pace & { surges?: Surge[] } {
    const { ratePerSecond, surges } = this.#options
    if (surges === undefined) return { ratePerSecond, firstArrivalMs }
    const faultMs = this.t0Ms
    return {
      firstArrivalMs,
      ratePerSecond,
      surges: surgesBetween({ ratePerSecond, surges }, { faultMs, endMs: this.endMs }),
    }
  }

  /** Arrivals, with a fraction. */
  get planned(): number {
    return dueUpTo(this.#pace, this.endMs)
  }

  /**
   * The region of the primary is hit, and healed 6 s later. `told` changes what the journal says of it: target,
   * options, edges.
   */
  fault(
    kind: FaultKind,
    options: {
      afterMs?: number
      provedMs?: number
      healMs?: number
      told?: Partial<Omit<EventOf<'fault.requested'>, 'kind'>>
    } = {},
  ): this {
    const { afterMs = 0, provedMs = 150, healMs = 6000, told = {} } = options
    const faultId = `fault-${this.#events.filter(({ body }) => body.kind === 'fault.requested').length + 1}`
    const gone = kind === 'none' ? [] : nodesIn('east')
    const away = told.expectGone?.nodes ?? gone
    this.#absences.push({ nodes: away, fromMs: this.t0Ms + afterMs, toMs: this.t0Ms + afterMs + healMs + 900 })
    if (away.includes('pg-east-a')) {
      this.#stops(afterMs)
      this.#returns.push(this.t0Ms + afterMs + healMs + 700)
    }
    if (away.includes('haproxy-east')) this.#silent(afterMs + 70, afterMs + healMs + 850)
    return this.add(afterMs, {
      kind: 'fault.requested',
      faultId,
      fault: kind,
      ...(told.target === undefined && gone.length > 0
        ? {
            target: { scope: 'region', name: 'primary' },
            resolved: 'region east',
            named: { scope: 'region', name: 'east' },
          }
        : { target: { scope: 'nothing' } }),
      nodes: gone,
      links: [],
      expectGone: { nodes: gone, edges: [] },
      doesNotModel: ['a slow death: every process dies within 50 ms'],
      ...told,
    })
      .add(afterMs + 12, {
        kind: 'fault.acted',
        faultId,
        acts: gone.length,
        firstActMs: this.t0Ms + afterMs + 4,
        lastActMs: this.t0Ms + afterMs + 12,
        spreadMs: 8,
      })
      .add(afterMs + provedMs, { kind: 'fault.proved', faultId, evidence: [`refuse connections: ${away.join(', ')}`] })
      .add(afterMs + healMs, { kind: 'heal.requested', faultId })
      .add(afterMs + healMs + 1, {
        kind: 'fault.lasted',
        faultId,
        watched: away,
        looks: 6,
        lastMs: this.t0Ms + afterMs + healMs - 400,
      })
      .add(afterMs + healMs + 200, { kind: 'heal.acted', faultId, tookMs: 200 })
      .add(afterMs + healMs + 900, { kind: 'heal.proved', faultId, evidence: ['all beacons answer'] })
  }

  /** A fault that takes nobody away: `kind` acts on `node`, which may be anything but well. */
  disturb(kind: FaultKind, node: string, told: Partial<Omit<EventOf<'fault.requested'>, 'kind'>> = {}): this {
    return this.fault(kind, {
      told: {
        target: { scope: 'node', name: node },
        nodes: [node],
        expectGone: { nodes: [], edges: [] },
        disturbed: [node],
        ...told,
      },
    })
  }

  /** pg-east-a stops, and another database takes its place. */
  takeOver({ to = 'pg-west-a', detectedMs, electedMs, promotedMs, routedMs }: TakeOver): this {
    const isAway = (name: string): boolean => this.#absences.some(({ nodes }) => nodes.includes(name))
    if (!isAway('pg-east-a')) this.#stops(0)
    // What no fault touches may be away for two seconds.
    if (!isAway('haproxy-east')) this.#silent(70, 1_970)
    return this.add(480, {
      kind: 'router.server',
      router: 'haproxy-west',
      backend: 'primary',
      server: 'pg-east-a',
      writes: true,
      state: 'down',
      uncertaintyMs: 50,
    })
      .add(detectedMs, { kind: 'dcs.leader', member: 'etcd-witness', leader: null, revision: 200, uncertaintyMs: 40 })
      .add(electedMs, { kind: 'dcs.leader', member: 'etcd-witness', leader: to, revision: 201, uncertaintyMs: 40 })
      .add(promotedMs, {
        kind: 'database.writable',
        node: to,
        accepting: true,
        timeline: 2,
        commitMs: this.t0Ms + promotedMs,
        uncertaintyMs: 50,
      })
      .add(routedMs, {
        kind: 'router.server',
        router: 'haproxy-west',
        backend: 'primary',
        server: to,
        writes: true,
        state: 'up',
        uncertaintyMs: 50,
      })
  }

  /**
   * The members of the DCS tell their term: 4, and one more after each election, or more where some had no winner (`steps`).
   * `unheard` are not heard any more once the fault has been requested; without a majority nobody confirms the last term.
   */
  terms({
    elections = [],
    steps = 1,
    unheard = [],
  }: {
    elections?: readonly number[]
    steps?: number
    unheard?: readonly string[]
  } = {}): this {
    const tell = (atMs: number, told: Omit<EventOf<'dcs.term'>, 'seq' | 'atMs' | 'kind'>): unknown =>
      this.#events.push({ atMs, body: { kind: 'dcs.term', ...told } })
    const isAway = (member: string, atMs: number): boolean =>
      unheard.includes(member) ||
      this.#absences.some(({ nodes, fromMs, toMs }) => nodes.includes(member) && atMs >= fromMs && atMs < toMs)
    for (const member of dcsMembers) {
      tell(25, { member, term: 4, heardMs: 24.5 })
      for (const [i, afterMs] of elections.toSorted((a, b) => a - b).entries()) {
        const atMs = this.t0Ms + afterMs
        if (!isAway(member, atMs)) tell(atMs, { member, term: 4 + (i + 1) * steps, heardMs: atMs - 0.1 })
      }
      const term = 4 + elections.length * steps
      if (!unheard.includes(member) && unheard.length < dcsMembers.length / 2)
        tell(this.endMs + 1_990, { member, term, heardMs: this.endMs + 1_980, confirmed: true })
    }
    return this
  }

  /** The primary commits nothing any more. */
  #stops(afterMs: number): void {
    this.add(afterMs + 60, {
      kind: 'database.writable',
      node: 'pg-east-a',
      accepting: false,
      timeline: 1,
      commitMs: this.t0Ms + afterMs - 20,
      uncertaintyMs: 80,
      reason: 'ECONNREFUSED',
    })
  }

  /** The router beside it does not answer for a while. */
  #silent(fromMs: number, toMs: number): void {
    const seen = { kind: 'router.reachable', router: 'haproxy-east', uncertaintyMs: 50 } as const
    this.add(fromMs, { ...seen, reachable: false }).add(toMs, { ...seen, reachable: true })
  }

  outage({ fromMs = 0, toMs, hits = () => true, as = 'unknown' }: OutageOptions): this {
    return this.requests((request) => {
      const sinceT0 = request.scheduledMs - this.t0Ms
      if (sinceT0 < fromMs || sinceT0 >= toMs || !hits(request)) return request
      if (as === 'slow') return { ...request, endedMs: this.t0Ms + toMs + 5 }
      const { node: _node, region: _region, ...unanswered } = request
      return {
        ...unanswered,
        outcome: as,
        status: 0,
        endedMs: request.startedMs + 800,
        error: as === 'unknown' ? errors.reset : errors.refused,
      }
    })
  }

  /** Changes requests one by one, or leaves them out. */
  requests(edit: (request: RequestEvent) => RequestEvent | null): this {
    this.#requestEdits.push(edit)
    return this
  }

  /** Writes that a database does not hold at the audit. */
  absent(node: string, numbers: readonly number[]): this {
    this.#absent.set(node, new Set(numbers))
    return this
  }

  /** An event, `afterMs` after T0. */
  add(afterMs: number, body: EventBody): this {
    this.#events.push({ atMs: this.t0Ms + afterMs, body })
    return this
  }

  /** Changes the finished events of a kind, or leaves them out. */
  change<K extends EventKind>(kind: K, edit: (event: EventOf<K>) => EventOf<K> | null): this {
    const isKind = (event: JournalEvent): event is EventOf<K> => event.kind === kind
    this.#edits.push((events) =>
      events.map((event) => (isKind(event) ? edit(event) : event)).filter((event) => event !== null),
    )
    return this
  }

  without(kind: EventKind): this {
    return this.change(kind, () => null)
  }

  events(): JournalEvent[] {
    const requests = this.#requests()
    const stamped: JournalEvent[] = [...this.#events, ...this.#returned(), ...this.#audits(requests)].map(
      ({ atMs, body }) => ({
        seq: 0,
        atMs,
        ...body,
      }),
    )
    const ordered = [...stamped, ...requests].sort((a, b) => a.atMs - b.atMs)
    return this.#edits
      .reduce((events, edit) => edit(events), redundantAroundPrimary(this.#planned(ordered)))
      .toSorted((a, b) => a.atMs - b.atMs)
      .map((event, seq) => ({ ...event, seq }))
  }

  /** Where nobody took its place, the old primary is primary again. */
  #returned(): Stamped[] {
    const isReplaced = this.#events.some(
      ({ body }) => body.kind === 'database.writable' && body.accepting && body.node !== 'pg-east-a',
    )
    return (isReplaced ? [] : this.#returns).map((atMs) => ({
      atMs,
      body: {
        kind: 'database.writable',
        node: 'pg-east-a',
        accepting: true,
        timeline: 1,
        commitMs: atMs,
        uncertaintyMs: 50,
      },
    }))
  }

  /** The scenario asks for the faults of the story. */
  #planned(events: JournalEvent[]): JournalEvent[] {
    const requested = events.filter((event) => event.kind === 'fault.requested')
    const healMs = (faultId: string): number =>
      events.find((event) => event.kind === 'heal.requested' && event.faultId === faultId)?.atMs ?? this.endMs
    const faults = requested.map(({ faultId, fault, target, with: options, atMs }) => ({
      kind: fault,
      target,
      ...(options && { with: options }),
      atMs: atMs - (requested[0]?.atMs ?? 0),
      forMs: healMs(faultId) - atMs,
      resolve: 'start',
    })) as FaultSpec[]
    return events.map((event) =>
      event.kind === 'trial.opened' && faults.length > 0
        ? { ...event, scenario: { ...event.scenario, faults } }
        : event,
    )
  }

  build(): RecordedJournal {
    return recordedJournal(this.events())
  }

  text(): string {
    return this.events()
      .map((event) => `${JSON.stringify(event)}\n`)
      .join('')
  }

  #requests(): RequestEvent[] {
    const { writeEvery } = this.#options
    const [pace, planned] = [this.#pace, this.planned]
    const requests: RequestEvent[] = []
    for (let n = 0; n < planned; n++) {
      const scheduledMs = dueMs(pace, n)
      const region = n % 4 < 2 ? 'east' : 'west'
      let request: RequestEvent | null = {
        seq: 0,
        atMs: 0,
        kind: 'request',
        n,
        op: n % writeEvery === 0 ? 'write' : 'read',
        scheduledMs,
        startedMs: scheduledMs + 1,
        endedMs: scheduledMs + 10 + (n % 7),
        outcome: 'acked',
        status: 200,
        node: `app-${region}-a`,
        region,
      }
      for (const edit of this.#requestEdits) request = request === null ? null : edit(request)
      if (request !== null) request = this.#byTheLiving(request)
      if (request !== null) requests.push({ ...request, atMs: request.endedMs + 2 })
    }
    return requests
  }

  /** While a fault lasts, what it took away answers nobody. */
  #byTheLiving(request: RequestEvent): RequestEvent {
    const { node } = request
    const isDead = this.#absences.some(
      ({ nodes, fromMs, toMs }) =>
        node !== undefined && nodes.includes(node) && request.startedMs >= fromMs && request.startedMs < toMs,
    )
    const region = request.region === 'east' ? 'west' : 'east'
    return isDead ? { ...request, node: `app-${region}-a`, region } : request
  }

  #audits(requests: readonly RequestEvent[]): Stamped[] {
    const stored = requests.filter(({ op, outcome }) => op === 'write' && outcome === 'acked').map(({ n }) => n)
    return databases.map((node, i) => {
      const numbers = stored.filter((n) => this.#absent.get(node)?.has(n) !== true)
      return {
        atMs: this.endMs + 1800 + i,
        body: {
          kind: 'audit.read',
          node,
          rows: numbers.length,
          writes: formatRanges(numbers),
          duplicated: [],
          unexpected: [],
          invariants: [{ name: 'no money is made', holds: true, detail: 'balances sum to 0' }],
        },
      }
    })
  }

  /** What every trial has, whatever happens in it. */
  #calm(): void {
    const { endMs } = this
    const { steadyMs, observeMs } = this.#options
    const at = (atMs: number, body: EventBody): unknown => this.#events.push({ atMs, body })
    const observed = [
      { observer: 'harness', subject: 'event loop' } as const,
      ...databases.map((node) => ({ observer: 'database', subject: `${node} write` }) as const),
      ...dcsMembers.map((subject) => ({ observer: 'dcs', subject }) as const),
      ...routers.map((subject) => ({ observer: 'router', subject }) as const),
    ]
    at(0, {
      kind: 'trial.opened',
      schemaVersion: 2,
      trialId,
      seed: 7,
      scenario: scenarioOf(this.#options),
      topology,
      versions: { postgresql: '17.6' },
      host: { cores: 2, memoryBytes: 8e9, kernel: '6.1', platform: 'linux', engine: '20.10.24' },
      harness: { version: '0.1.0', commit: '0000000', node: '24.0.0' },
      wallStartMs: Date.UTC(2026, 0, 1),
    })
    for (const subject of observed) at(10, { kind: 'observer.started', ...subject, intervalMs: 50 })
    at(20, { kind: 'dcs.leader', member: 'etcd-witness', leader: 'pg-east-a', revision: 100, uncertaintyMs: 40 })
    at(30, {
      kind: 'database.writable',
      node: 'pg-east-a',
      accepting: true,
      timeline: 1,
      commitMs: 30,
      uncertaintyMs: 30,
    })
    at(40, {
      kind: 'database.replication',
      primary: 'pg-east-a',
      standbys: databases.slice(1).map((node) => ({ node, state: 'streaming', sync: 'quorum', lagBytes: 0 })),
    })
    for (const router of routers) {
      at(50, { kind: 'router.reachable', router, reachable: true, uncertaintyMs: 50 })
      for (const server of databases) {
        at(51, {
          kind: 'router.server',
          router,
          backend: 'primary',
          server,
          writes: true,
          state: server === 'pg-east-a' ? 'up' : 'down',
          uncertaintyMs: 50,
        })
      }
    }
    at(firstArrivalMs, { kind: 'load.started', ...this.#pace, durationMs: steadyMs + observeMs })
    for (let fromMs = 0; fromMs < endMs; fromMs += 1000)
      at(fromMs + 1000, { kind: 'host.sampled', fromMs, idleShare: 0.5, workMs: 0.7 })
    for (let atMs = 400; atMs < endMs + 2000; atMs += 1000)
      at(atMs, { kind: 'load.clock', offsetMs: 0.4, roundTripMs: 1.2, stepMs: 0.1, by: 'beacon-edge' })
    at(endMs + 900, {
      kind: 'load.ended',
      exitCode: 0,
      iterations: Math.ceil(this.planned),
      dropped: 0,
    })
    at(endMs + 1500, { kind: 'redundant', primary: 'pg-west-a', standbys: ['pg-east-a', 'pg-east-b', 'pg-west-b'] })
    for (const subject of observed)
      at(endMs + 2000, {
        kind: 'observer.summary',
        ...subject,
        // As many as fit: the longer the trial, the more.
        samples: Math.round((endMs + 1990) / (subject.observer === 'harness' ? 20.18 : 50)),
        p50Ms: subject.observer === 'harness' ? 20 : 50,
        p95Ms: subject.observer === 'harness' ? 22 : 54,
        maxMs: 61,
      })
    at(endMs + 2100, { kind: 'trial.closed', reason: 'completed' })
  }
}

/** A request that had no answer names nobody who gave it. */
export function unanswered(request: RequestEvent, error: string = errors.reset): RequestEvent {
  const { node: _node, region: _region, database: _database, ...nameless } = request
  return { ...nameless, outcome: neverLeft.has(error) ? 'rejected' : 'unknown', status: 0, error }
}

/** Whoever accepts writes in the end is the primary that the others follow. */
function redundantAroundPrimary(events: JournalEvent[]): JournalEvent[] {
  const accepting = new Set<string>()
  for (const event of events) {
    if (event.kind !== 'database.writable') continue
    if (event.accepting) accepting.add(event.node)
    else accepting.delete(event.node)
  }
  const primary = [...accepting].at(-1) ?? databases[0]
  const standbys = databases.filter((name) => name !== primary)
  return events.map((event) => (event.kind === 'redundant' ? { ...event, primary, standbys } : event))
}
