/**
 * Writes a large journal in the shape of a real trial's, for `bench/judge.ts`: the region of the primary is lost in the
 * middle of a long, steady load, and its neighbour takes over. All but the requests is a story of the tests
 * (tests/journals/build.ts). The requests are written as they come, because a million of them fill the memory: in the
 * order in which they end, with sessions and versions. Each audit lists every write by itself ("0,2,4,…"), since every
 * other arrival is a read.
 */
import { closeSync, openSync, writeSync } from 'node:fs'
import { formatRanges } from '../chaos/journal/ranges.ts'
import type { EventOf } from '../chaos/journal/schema.ts'
import { journal } from '../tests/journals/build.ts'

type RequestEvent = EventOf<'request'>

const ratePerSecond = 500
const intervalMs = 1000 / ratePerSecond
const firstArrivalMs = 1000
const takeOver = { detectedMs: 12_000, electedMs: 20_000, promotedMs: 20_500, routedMs: 21_500 }
/** How long after T0 writes fail, and how long east is gone. */
const failMs = 22_000
const healMs = 40_000
const accounts = 1000
const slow = 'subject: slow to answer'
/** A write that fails has waited for so long; the 20th part waits for as long as a client does. */
const refusedMs = 1500
const patienceMs = 10_000

export function writeLargeJournal(path: string, requests: number): void {
  const steadyMs = (requests / 2) * intervalMs
  const t0Ms = firstArrivalMs + steadyMs
  const stored = Array.from({ length: requests / 2 }, (_, i) => 2 * i).filter((n) => !fails(n, t0Ms))
  const milestones = milestonesOf(steadyMs, stored)
  const fd = openSync(path, 'wx')
  let seq = 0
  let pending = ''
  const put = (event: object): void => {
    pending += `${JSON.stringify({ ...event, seq: seq++ })}\n`
    if (pending.length < 1 << 20) return
    writeSync(fd, pending)
    pending = ''
  }
  let next = milestones.shift()
  for (const request of inOrderOfTheirEnd(requests, t0Ms)) {
    for (; next !== undefined && next.atMs <= request.atMs; next = milestones.shift()) put(next)
    put(request)
  }
  for (; next !== undefined; next = milestones.shift()) put(next)
  writeSync(fd, pending)
  closeSync(fd)
}

/** Everything but the requests, in order. */
function milestonesOf(steadyMs: number, stored: readonly number[]): { atMs: number }[] {
  const load = { ratePerSecond, writeEvery: 2, steadyMs, observeMs: steadyMs }
  const story = journal({ name: 'bench', ...load, objectives: { recoverWithinMs: 30_000 } })
    .fault('kill', { healMs })
    .takeOver(takeOver)
    .requests(() => null)
    .change('fault.lasted', (event) => ({ ...event, looks: 40 }))
    .change('audit.read', (event) => ({ ...event, rows: stored.length, writes: formatRanges(stored) }))
  const t0Ms = firstArrivalMs + steadyMs
  const blind = (observer: 'database' | 'router', subject: string, window: { fromMs: number; toMs: number }): void =>
    void story.add(window.toMs - t0Ms, { kind: 'observer.gap', observer, subject, reason: slow, ...window })
  // What is gone answers nobody, and now and then what is there is slow to answer.
  for (const subject of ['pg-east-a write', 'pg-east-b write'])
    blind('database', subject, { fromMs: t0Ms + 40, toMs: t0Ms + healMs + 800 })
  blind('router', 'haproxy-east', { fromMs: t0Ms + 40, toMs: t0Ms + healMs + 500 })
  for (let toMs = firstArrivalMs + 10_000; toMs < t0Ms + steadyMs; toMs += 10_000)
    blind('database', 'pg-west-b write', { fromMs: toMs - 331, toMs })
  return story.events()
}

/** A line is written when its request has ended. */
function* inOrderOfTheirEnd(requests: number, t0Ms: number): Iterable<RequestEvent> {
  const versions = new Uint32Array(accounts + 1).fill(1)
  let open: RequestEvent[] = []
  for (let n = 0; n < requests; n++) {
    const request = requestOf(n, t0Ms, versions)
    open.push(request)
    if (n % ratePerSecond !== ratePerSecond - 1 && n !== requests - 1) continue
    const untilMs = n === requests - 1 ? Infinity : request.scheduledMs
    yield* open.filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)
    open = open.filter(({ atMs }) => atMs > untilMs)
  }
}

/** Writes fail from T0 until another primary is found. */
function fails(n: number, t0Ms: number): boolean {
  const scheduledMs = firstArrivalMs + n * intervalMs
  return n % 2 === 0 && scheduledMs >= t0Ms && scheduledMs < t0Ms + failMs
}

function requestOf(n: number, t0Ms: number, versions: Uint32Array): RequestEvent {
  const scheduledMs = firstArrivalMs + n * intervalMs
  const startedMs = scheduledMs + (n % 3)
  const isGone = scheduledMs >= t0Ms && scheduledMs < t0Ms + healMs + 1000
  const region = isGone || n % 4 > 1 ? 'west' : 'east'
  const isWrite = n % 2 === 0
  const failed = fails(n, t0Ms)
  const timedOut = failed && n % 40 === 0
  const endedMs = startedMs + (timedOut ? patienceMs : failed ? refusedMs : 8 + ((n * 7919) % 13))
  const primary = scheduledMs < t0Ms ? 'pg-east-a' : 'pg-west-a'
  const session = isWrite ? n : looksBackAt(n)
  return {
    seq: 0,
    // k6's clock has whole milliseconds, and the journal's whole microseconds.
    atMs: Math.round((endedMs + 0.3 + (n % 97) / 1000) * 1000) / 1000,
    kind: 'request',
    n,
    op: isWrite ? 'write' : 'read',
    scheduledMs,
    startedMs,
    endedMs,
    outcome: failed ? 'unknown' : 'acked',
    status: timedOut ? 0 : failed ? 503 : isWrite ? 201 : 200,
    ...(timedOut ? { error: 'timeout' } : { node: `app-${region}-a`, region }),
    ...(!failed && { database: isWrite ? primary : `pg-${region}-b` }),
    session,
    ...(!failed && { versions: isWrite ? transferred(n, versions) : shown(session, versions) }),
  }
}

/** As in chaos/load/arrivals.js: a read looks at the account of a write that was due 0.1 to 0.3 s before. */
function looksBackAt(n: number): number {
  const write = n - 1 - 2 * (25 + ((n * 7919) % 50))
  return write < 0 ? n : write
}

function accountOf(n: number): number {
  return 1 + ((n * 7919) % accounts)
}

/** A transfer raises the versions of both its accounts. */
function transferred(n: number, versions: Uint32Array): [number, number, number, number] {
  const from = accountOf(n)
  const to = 1 + ((from + (n % (accounts - 1))) % accounts)
  const raised = (account: number): number => {
    versions[account] = (versions[account] ?? 0) + 1
    return versions[account]
  }
  return [from, raised(from), to, raised(to)]
}

function shown(session: number, versions: Uint32Array): [number, number] {
  const account = accountOf(session)
  return [account, versions[account] ?? 0]
}
