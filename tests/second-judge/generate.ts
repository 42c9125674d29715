/** A plan as a journal: the story of build.ts, with all that the plan says goes wrong. */
import { parseJournal } from '../../chaos/journal/parse.ts'
import { type RecordedJournal, recordedJournal } from '../../chaos/journal/recorded.ts'
import type { RequestEvent } from '../../chaos/journal/requests.ts'
import type { EventOf, JournalEvent } from '../../chaos/journal/schema.ts'
import { audited, journal as calmJournal, numbersOf, type Story } from '../journals/build.ts'
import { databases } from '../journals/world.ts'
import type { PlannedOutage } from './outages.ts'
import type { Lie, Loss, Plan } from './plan.ts'
import { planOf } from './plan.ts'
import { Random } from './random.ts'
import { stopped } from './stop.ts'
import { told } from './telling.ts'

/** Of build.ts. */
const firstArrivalMs = 1000
/** Before the audits, and before the load generator is seen to have ended. */
const loadEndsAfterMs = 800

export interface Generated {
  plan: Plan
  journal: RecordedJournal
}

export function generate(seed: number): Generated {
  const random = new Random(seed)
  const plan = planOf(seed, random)
  const story = storyOf(plan, random)
  let events = told(story.events(), plan.telling, random)
  if (plan.stop !== null) events = stopped(events, { ...plan.stop, atMs: story.endMs - plan.stop.earlyMs })
  for (const loss of plan.losses) events = spoilData(events, loss, random)
  for (const lie of plan.lies) events = spoil(events, lie, random)
  return { plan, journal: plan.lies.includes('torn') ? tornJournal(events, random) : recordedJournal(events) }
}

/** The moment to which the plan's others are relative. */
export function plannedT0Ms({ steadyMs }: Plan): number {
  return firstArrivalMs + steadyMs
}

function storyOf(plan: Plan, random: Random): Story {
  const { ratePerSecond, writeEvery, steadyMs, observeMs, objectives } = plan
  const surges = plan.surges.length > 0 && { surges: plan.surges }
  const story = calmJournal({ ratePerSecond, writeEvery, steadyMs, observeMs, objectives, ...surges })
  // Without a take-over nobody would accept writes in the end, so nothing is killed then.
  const healMs = Math.min(6000, observeMs / 2)
  story.fault(plan.takeOver ? 'kill' : 'none', { healMs })
  for (const afterMs of plan.faults) story.fault('none', { afterMs, healMs })
  if (plan.takeOver) {
    const detectedMs = random.between(100, 2000)
    const electedMs = detectedMs + random.between(0, 800)
    const promotedMs = electedMs + random.between(1, 900)
    story.takeOver({ detectedMs, electedMs, promotedMs, routedMs: promotedMs + random.between(0, 900) })
  }
  if (plan.heldBefore) {
    const key = { kind: 'dcs.leader', member: 'etcd-witness', uncertaintyMs: 40 } as const
    story.add(-1800, { ...key, leader: 'pg-west-b', revision: 101 })
    story.add(-1700, { ...key, leader: 'pg-east-a', revision: 102 })
  }
  if (plan.terms !== null) story.terms(plan.terms)
  addSpells(story, plan)
  for (const { node, fromMs, lengthMs, reason } of plan.gaps) {
    const gap = { fromMs: story.t0Ms + fromMs, toMs: story.t0Ms + fromMs + lengthMs, reason }
    story.add(fromMs + lengthMs, { kind: 'observer.gap', observer: 'database', subject: `${node} write`, ...gap })
  }
  const latencies = { base: random.between(3, 15), spread: random.between(0, 30) }
  story.requests((request) => ({
    ...request,
    endedMs: request.scheduledMs + 1 + latencies.base + random.share() * latencies.spread,
  }))
  for (const outage of plan.outages) story.requests((request) => hit(request, outage, story.t0Ms, random))
  // One that ends just as the fault is requested, give or take what two clocks may differ by.
  const last = plannedT0Ms(plan) - random.between(0, 80)
  const endedMs = plannedT0Ms(plan) + random.between(-9, 9)
  story.requests((request) =>
    Math.abs(request.scheduledMs - last) < 500 / ratePerSecond &&
    request.startedMs < endedMs &&
    request.outcome === 'acked'
      ? { ...request, endedMs }
      : request,
  )
  const arrivals = story.planned
  const strays = new Set(random.times(plan.strays, () => random.whole(0, arrivals)))
  const stray: PlannedOutage = {
    ...{ fromMs: -Infinity, toMs: Infinity, share: 1, op: 'any', region: 'any' },
    as: random.of(['unknown', 'rejected', 'slow']),
    afterMs: random.between(1, 3000),
  }
  story.requests((request) => (strays.has(request.n) ? hit(request, stray, story.t0Ms, random) : request))
  if (plan.takeOver) story.requests((request) => answeredByTheLiving(request, story.t0Ms))
  // The load generator ends after its last request.
  story.requests((request) => ({ ...request, endedMs: Math.min(request.endedMs, story.endMs + loadEndsAfterMs) }))
  // As many looks as the length allows.
  story.change('observer.summary', (summary) => ({ ...summary, samples: Math.ceil(summary.atMs / summary.p50Ms) }))
  return story.change('load.ended', (ended) => ({ ...ended, iterations: Math.ceil(arrivals) }))
}

function addSpells(story: Story, { spells }: Plan): void {
  for (const { node, fromMs, toMs, told } of spells) {
    const report = { kind: 'database.writable', node, timeline: 2, uncertaintyMs: 40 } as const
    const commit = (ms: number): number | null => (told ? story.t0Ms + ms : null)
    story.add(fromMs + 5, { ...report, accepting: true, commitMs: commit(fromMs) })
    if (toMs !== null) story.add(toMs + 50, { ...report, accepting: false, commitMs: commit(toMs) })
  }
}

function hit(request: RequestEvent, outage: PlannedOutage, t0Ms: number, random: Random): RequestEvent {
  const sinceT0 = request.scheduledMs - t0Ms
  const meant =
    sinceT0 >= outage.fromMs &&
    sinceT0 < outage.toMs &&
    (outage.op === 'any' || outage.op === request.op) &&
    (outage.region === 'any' || outage.region === request.region) &&
    random.chance(outage.share)
  if (!meant) return request
  const lateMs = request.scheduledMs + 1 + outage.afterMs
  if (outage.as === 'slow') return { ...request, endedMs: lateMs }
  if (outage.as === 'stall') return { ...request, endedMs: Math.max(request.endedMs, t0Ms + outage.toMs + 5) }
  const { node: _node, region: _region, ...unanswered } = request
  const status = outage.as === 'rejected' ? 503 : 0
  const answered = outage.as === 'rejected' && random.chance(0.5) ? request : unanswered
  return { ...answered, outcome: outage.as, status, endedMs: lateMs, error: 'outage' }
}

/** Who dies answers nothing any more, and what it was asked before neither. */
function answeredByTheLiving(request: RequestEvent, t0Ms: number): RequestEvent {
  const isLate = request.region === 'east' && request.scheduledMs < t0Ms && request.endedMs > t0Ms
  return isLate ? { ...request, node: 'app-west-a', region: 'west' } : request
}

/** Something is wrong with what the databases hold. */
function spoilData(events: JournalEvent[], loss: Loss, random: Random): JournalEvent[] {
  const writes = events.filter((event) => event.kind === 'request').filter(({ op }) => op === 'write')
  const some = (outcome: RequestEvent['outcome']): number[] =>
    writes.filter((write) => write.outcome === outcome && random.chance(0.03)).map(({ n }) => n)
  const one = random.of(databases)
  const held = (edit: (numbers: Set<number>, node: string) => void): JournalEvent[] =>
    events.map((event) => (event.kind === 'audit.read' ? rewritten(event, edit) : event))
  const numbers = { acked: some('acked'), rejected: some('rejected'), unknown: some('unknown') }
  const add = (set: Set<number>, more: number[]): void => more.forEach((n) => void set.add(n))
  switch (loss) {
    case 'lost':
      return held((set) => numbers.acked.forEach((n) => void set.delete(n)))
    case 'lost on one':
      return held((set, node) => node === one && numbers.acked.forEach((n) => void set.delete(n)))
    case 'resurrected':
      return held((set) => add(set, numbers.rejected))
    case 'resurrected on one':
      return held((set, node) => node === one && add(set, numbers.rejected))
    case 'unknown stored':
      return held((set) => add(set, numbers.unknown))
    case 'unknown on one':
      return held((set, node) => node === one && add(set, numbers.unknown))
    case 'never sent':
      return held((set) => add(set, [1e6, 1e6 + 7]))
    case 'duplicated':
      return events.map((event) =>
        event.kind === 'audit.read' && (event.node === one || random.chance(0.3))
          ? audited(event, { duplicated: [...numbers.acked.slice(0, 3), 0] })
          : event,
      )
    case 'invariant':
      return events.map((event) =>
        event.kind === 'audit.read' && event.node === one
          ? { ...event, invariants: [{ name: 'no money is made', holds: false, detail: 'balances sum to 3' }] }
          : event,
      )
    case 'not read':
      return numbered(events.filter((event) => !(event.kind === 'audit.read' && event.node === one)))
    case 'not redundant':
      return numbered(events.filter((event) => event.kind !== 'redundant'))
    case 'read twice':
      return numbered(
        events.flatMap((event) =>
          event.kind === 'audit.read' && event.node === one ? [rewritten(event, (set) => set.clear()), event] : [event],
        ),
      )
  }
}

function rewritten(
  event: EventOf<'audit.read'>,
  edit: (numbers: Set<number>, node: string) => void,
): EventOf<'audit.read'> {
  const numbers = new Set(numbersOf(event.writes))
  edit(numbers, event.node)
  return audited(event, { numbers: [...numbers] })
}

/** Something is wrong with the journal itself. */
function spoil(events: JournalEvent[], lie: Lie, random: Random): JournalEvent[] {
  const somewhere = random.whole(1, events.length - 2)
  switch (lie) {
    case 'disorder':
      return swapped(events, somewhere, random.whole(1, events.length - 2))
    case 'unnumbered':
      return numbered(swapped(events, somewhere, random.whole(1, events.length - 2)))
    case 'twice':
      return numbered([...events.slice(0, somewhere + 1), ...events.slice(somewhere)])
    case 'hole':
      return numbered([...events.slice(0, somewhere), ...events.slice(somewhere + random.whole(1, 40))])
    case 'cut':
      return events.slice(0, somewhere + 1)
    case 'early end': {
      const last = random.whole(0, events.filter(({ kind }) => kind === 'request').length)
      return numbered(events.filter((event) => event.kind !== 'request' || event.n < last))
    }
    case 'step':
      return clocks(events, somewhere, { stepMs: random.of([-1, 1]) * random.between(0, 2000) })
    case 'apart':
      return clocks(events, somewhere, { offsetMs: random.of([-1, 1]) * random.between(0, 2000) })
    case 'told offset':
      return clocks(events, 0, { offsetMs: random.between(-9, 9), roundTripMs: random.between(0.5, 4) })
    case 'surge unasked':
      return events.map((event) => (event.kind === 'trial.opened' ? withoutSurges(event) : event))
    case 'torn':
      return events
  }
}

function withoutSurges(opened: EventOf<'trial.opened'>): EventOf<'trial.opened'> {
  const { surges: _, ...load } = opened.scenario.load
  return { ...opened, scenario: { ...opened.scenario, load } }
}

function clocks(events: JournalEvent[], from: number, change: Partial<EventOf<'load.clock'>>): JournalEvent[] {
  return events.map((event, i) => (i >= from && event.kind === 'load.clock' ? { ...event, ...change } : event))
}

function swapped(events: JournalEvent[], a: number, b: number): JournalEvent[] {
  const [one, other] = [events[a], events[b]]
  return events.map((event, i) => (i === a ? (other ?? event) : i === b ? (one ?? event) : event))
}

function numbered(events: JournalEvent[]): JournalEvent[] {
  return events.map((event, seq) => ({ ...event, seq }))
}

/** The last whole line and the torn one after it may be anywhere. */
function tornJournal(events: JournalEvent[], random: Random): RecordedJournal {
  const text = events.map((event) => `${JSON.stringify(event)}\n`).join('')
  const opened = text.indexOf('\n') + 1
  return parseJournal(text.slice(0, random.whole(opened, text.length - 3)))
}
