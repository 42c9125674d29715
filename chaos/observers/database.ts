/**
 * Asks every database node directly, at its published port and never over a link, for its role and for a commit. How
 * that is asked, its kind's adapter knows.
 *
 * Two connections to each node, so that a commit that waits for replication does not delay the answer about the role.
 * Role names are not evidence that a node accepts writes; only an answered commit is. A probe write may wait for as
 * long as it takes: a primary that is cut off never answers it under quorum commit, and that is correct.
 */
import type { DatabaseSession, Probe } from '../stack/databases/adapter.ts'
import { adapterOf } from '../stack/databases/kinds.ts'
import type { Node } from '../topology/topology.ts'
import { every, type Instruments, type Observer, Sampler } from './sampler.ts'

/**
 * Ten times a second. Twice that would see a change 50 ms earlier, and cost a busy world of two cores a tenth of one:
 * each commit is another one that three standbys have to receive.
 */
const intervalMs = 100
/**
 * What is not a primary refuses a write at once and for as long as it is none; asking it some five times a second is
 * enough, for that and for its role, until it changes. So is asking a node that is starting: each answer costs it a
 * process, at a moment when it has other work.
 */
const idleIntervalMs = 150
const answerLimitMs = 1_000
/**
 * A probe write that waits longer than this is given up with its connection, so that a wedged one cannot blind us for
 * ever.
 */
const usualCommitLimitMs = 10_000
/** The limit is a timer's, which may be early by a millisecond. */
const earlyMs = 50
const waitsForCommit = 'the probe write waits for its commit'

/** `databases`: all of the world, to find out who follows whom. `commitLimitMs`: how long a probe write may wait. */
export function observeDatabase(
  node: Node,
  instruments: Instruments,
  databases: readonly Node[] = [],
  { commitLimitMs = usualCommitLimitMs } = {},
): Observer {
  const seen: Seen = { role: undefined }
  const adapter = adapterOf(node)
  const stops = [
    observeRole(node, adapter.open(node, databases), { seen, ...instruments }),
    ...(adapter.canProbe ? [observeWrites(node, adapter.open(node), { seen, commitLimitMs, ...instruments })] : []),
  ]
  if (!adapter.canProbe)
    instruments.record({
      kind: 'note',
      text: `whether ${node.name} accepts writes is not observed: a database of its kind is not asked to commit`,
    })
  return {
    async stop() {
      await Promise.all(stops.map((stop) => stop()))
    },
  }
}

type Role = 'primary' | 'standby' | 'starting' | 'unreachable'
/** What one loop passes to the other. */
interface Seen {
  role: Role | undefined
}
type Given = Instruments & { seen: Seen }

function observeRole(node: Node, session: DatabaseSession, { seen, record, now }: Given): () => Promise<void> {
  const sampler = new Sampler({
    record,
    now,
    observer: 'database',
    subject: `${node.name} role`,
    intervalMs: idleIntervalMs,
  })
  let last: { role: Role; timeline: number | null } | undefined
  let lastReplication = ''
  let ticks = 0
  const noted = new Set<string>()
  /** Once each. */
  const notObserved = (what: string, missing: string | undefined) => {
    if (missing === undefined || noted.has(what)) return
    noted.add(what)
    record({ kind: 'note', text: `${what} is not observed: ${missing}` })
  }
  const saw = (role: Role, timeline: number | null, reason?: string) => {
    seen.role = role
    if (last?.role === role && last.timeline === timeline) return
    record({
      kind: 'database.role',
      node: node.name,
      role,
      timeline,
      uncertaintyMs: sampler.sinceMs,
      ...(reason && { reason }),
    })
    last = { role, timeline }
  }
  let askedMs = -Infinity
  const stop = every(intervalMs, async () => {
    if (seen.role !== 'primary' && now() - askedMs < idleIntervalMs) return
    askedMs = now()
    sampler.asked()
    const answer = await session.look({ limitMs: answerLimitMs })
    if (answer.ok) {
      const { role, timeline } = answer
      if (role === 'unknown') {
        notObserved(`the role of ${node.name}`, answer.missing)
        return sampler.silent(answer.missing ?? 'it does not say which role it has')
      }
      // A standby that receives nothing knows no timeline.
      saw(role, timeline ?? (role === 'standby' ? (last?.timeline ?? null) : null))
      sampler.sampled()
      if (role === 'primary' && ticks++ % 10 === 0)
        lastReplication = await seeReplication(node, session, { record, notObserved }, lastReplication)
    } else {
      saw(answer.starting ? 'starting' : 'unreachable', null, answer.reason)
      if (answer.definite) sampler.sampled()
      if (answer.starting || !answer.definite) sampler.silent(answer.reason)
    }
  })
  return async () => {
    stop()
    session.close()
    sampler.summarise()
  }
}

async function seeReplication(
  node: Node,
  session: DatabaseSession,
  {
    record,
    notObserved,
  }: Pick<Instruments, 'record'> & { notObserved(what: string, missing: string | undefined): void },
  last: string,
): Promise<string> {
  const answer = await session.followers({ limitMs: answerLimitMs })
  if (!answer.ok) return last
  if (answer.followers === null) {
    notObserved(`who follows ${node.name}`, answer.missing)
    return last
  }
  const standbys = answer.followers
  const shape = JSON.stringify(standbys.map((standby) => [standby.node, standby.state, standby.sync]))
  if (shape !== last) record({ kind: 'database.replication', primary: node.name, standbys })
  return shape
}

function observeWrites(
  node: Node,
  session: DatabaseSession,
  { seen, commitLimitMs, record, now }: Given & { commitLimitMs: number },
): () => Promise<void> {
  const sampler = new Sampler({
    record,
    now,
    observer: 'database',
    subject: `${node.name} write`,
    intervalMs: idleIntervalMs,
  })
  let accepting = false
  let timeline: number | null = null
  let lastCommitMs: number | null = null
  const refused = (reason: string) => {
    if (!accepting) return
    record({
      kind: 'database.writable',
      node: node.name,
      accepting: false,
      timeline,
      commitMs: lastCommitMs,
      uncertaintyMs: sampler.sinceMs,
      reason,
    })
    accepting = false
  }
  const committed = (on: number | null) => {
    lastCommitMs = now()
    if (accepting && timeline === on) return
    refused('the timeline changed')
    timeline = on
    record({
      kind: 'database.writable',
      node: node.name,
      accepting: true,
      timeline,
      commitMs: lastCommitMs,
      uncertaintyMs: sampler.sinceMs,
    })
    accepting = true
  }
  const note = onceInARow((reason) =>
    record({ kind: 'note', text: `whether ${node.name} accepts writes is not observed: ${reason}` }),
  )
  let askedMs = -Infinity
  const stop = every(intervalMs, async () => {
    if (seen.role !== 'primary' && now() - askedMs < idleIntervalMs) return
    askedMs = now()
    sampler.asked()
    let isLate = false
    const answer = await whileWaiting(session.probe({ limitMs: commitLimitMs }), (waitedMs) => {
      sampler.silent(waitsForCommit)
      isLate = waitedMs >= 1_000
      if (isLate) refused('no commit for 1 s')
    })
    if (answer.outcome === 'committed') {
      // A late one says nothing of now: a primary that stood still answers it when it wakes, replaced or not.
      if (!isLate) committed(answer.timeline)
      sampler.sampled()
      return
    }
    refused(answer.reason)
    if (answer.outcome === 'not tried') note(answer.reason)
    else if (answer.definite) return void sampler.sampled()
    sampler.silent(whySilent(answer, now() - askedMs, commitLimitMs))
  })
  return async () => {
    stop()
    refused('the trial ended')
    session.close()
    sampler.summarise()
  }
}

/** What comes next may answer at once: that this one waited, and was given up, is why nothing was seen till then. */
function whySilent({ outcome, reason }: Probe & { reason: string }, waitedMs: number, limitMs: number): string {
  return outcome === 'refused' && waitedMs > limitMs - earlyMs ? `${waitsForCommit} (${reason})` : reason
}

function onceInARow(say: (text: string) => void): (text: string) => void {
  let last = ''
  return (text) => {
    if (text !== last) say(text)
    last = text
  }
}

async function whileWaiting(probe: Promise<Probe>, waiting: (waitedMs: number) => void): Promise<Probe> {
  const startMs = performance.now()
  const watch = setInterval(() => waiting(performance.now() - startMs), 100)
  try {
    return await probe
  } finally {
    clearInterval(watch)
  }
}
