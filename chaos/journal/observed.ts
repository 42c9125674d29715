/** Events of the observers: what they saw of the system and of the machine, and how well they could observe. */
import { z } from 'zod'
import { event, ms } from './event.ts'

const observers = z.enum(['dcs', 'database', 'router', 'beacon', 'harness'])
export const observerStarted = event('observer.started', { observer: observers, subject: z.string(), intervalMs: ms })
/**
 * No sample between these two moments although one was due. `expected` when the subject itself was gone (refused,
 * reset).
 */
export const observerGap = event('observer.gap', {
  observer: observers,
  subject: z.string(),
  fromMs: ms,
  toMs: ms,
  reason: z.string(),
})
export const observerSummary = event('observer.summary', {
  observer: observers,
  subject: z.string(),
  samples: z.number().int(),
  p50Ms: ms,
  p95Ms: ms,
  maxMs: ms,
})

/** The leader key, as one member's watch delivered it. `leader: null` when the key is gone. */
export const dcsLeader = event('dcs.leader', {
  member: z.string(),
  leader: z.string().nullable(),
  revision: z.number().int(),
  uncertaintyMs: ms,
})
/**
 * The Raft term of the last entry that one member has applied, whenever it rises: a leader begins its term with an entry.
 * `confirmed`: a majority was asked at `heardMs`, when the observer stopped, and says that this is the term.
 */
export const dcsTerm = event('dcs.term', {
  member: z.string(),
  term: z.number().int(),
  heardMs: ms,
  confirmed: z.literal(true).optional(),
})
export const databaseRole = event('database.role', {
  node: z.string(),
  role: z.enum(['primary', 'standby', 'starting', 'unreachable']),
  timeline: z.number().int().nullable(),
  uncertaintyMs: ms,
  reason: z.string().optional(),
})
/**
 * Whether a node commits the probe write, asked directly. Written on each change only.
 * accepting: `commitMs` is when the first commit of this spell was answered.
 * not accepting: `commitMs` is when the last commit of the spell that ended was answered (null if there was none).
 */
export const databaseWritable = event('database.writable', {
  node: z.string(),
  accepting: z.boolean(),
  timeline: z.number().int().nullable(),
  commitMs: ms.nullable(),
  uncertaintyMs: ms,
  reason: z.string().optional(),
})
/** The primary's view of its standbys: at the start, at T0 and whenever it changes. */
export const databaseReplication = event('database.replication', {
  primary: z.string(),
  standbys: z.array(
    z.object({ node: z.string(), state: z.string(), sync: z.string(), lagBytes: z.number().nullable() }),
  ),
})
/** A server's state as one router sees it. `writes` marks the backends that carry writes. */
export const routerServer = event('router.server', {
  router: z.string(),
  backend: z.string(),
  server: z.string(),
  writes: z.boolean(),
  state: z.enum(['up', 'down', 'drain', 'unknown']),
  uncertaintyMs: ms,
})
export const routerReachable = event('router.reachable', {
  router: z.string(),
  reachable: z.boolean(),
  uncertaintyMs: ms,
})
/** One cell of the beacon matrix. `existing` is a connection opened before, `fresh` one opened for the ping. */
export const beaconEdge = event('beacon.edge', {
  from: z.string(),
  to: z.string(),
  connection: z.enum(['existing', 'fresh']),
  up: z.boolean(),
  lastAnswerMs: ms.nullable(),
  rttMs: ms.nullable(),
  uncertaintyMs: ms,
})
/** Whether pings from another site arrive at this one, whatever becomes of the answers: one direction of a link. */
export const beaconHeard = event('beacon.heard', {
  at: z.string(),
  from: z.string(),
  heard: z.boolean(),
  lastMs: ms.nullable(),
  uncertaintyMs: ms,
})
export const beaconReachable = event('beacon.reachable', {
  site: z.string(),
  reachable: z.boolean(),
  uncertaintyMs: ms,
})

/**
 * One second of the machine itself: how much of the time that its processors had was idle, and the quickest of four
 * fixed pieces of work. Other programs are in both. `stolenShare`, where the kernel counts it: how much of all time the
 * host of this virtual machine gave to others while something here wanted to run.
 */
export const hostSampled = event('host.sampled', {
  fromMs: ms,
  idleShare: z.number(),
  workMs: ms,
  stolenShare: z.number().min(0).max(1).optional(),
})
