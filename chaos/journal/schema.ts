/**
 * The journal: every event of a trial, in the order it was written. NDJSON, one event a line.
 *
 * `atMs` is milliseconds since the trial's start on one monotonic clock; it is when the harness learned of the event.
 * Fields that end in `Ms` and name a moment (`scheduledMs`, `fromMs`) are on the same clock; those that name a length
 * (`spreadMs`, `uncertaintyMs`) are lengths. `uncertaintyMs` of an observation is the time since the previous sample
 * that still showed the old state: the change happened within [atMs − uncertaintyMs, atMs].
 */
import { z } from 'zod'
import { faultKindSchema, scenarioSchema, targetSchema } from '../scenarios/schema.ts'
import { topologySchema } from '../topology/topology.ts'
import { auditFailed, auditInvariants, auditProgress, auditRead } from './audited.ts'
import { calibrationSchema } from './calibration.ts'
import { event, ms } from './event.ts'
import { farthestWallMs } from './limits.ts'
import { loadClock, loadEnded, loadStarted, request } from './load.ts'
import {
  beaconEdge,
  beaconHeard,
  beaconReachable,
  databaseReplication,
  databaseRole,
  databaseWritable,
  dcsLeader,
  dcsTerm,
  hostSampled,
  observerGap,
  observerStarted,
  observerSummary,
  routerReachable,
  routerServer,
} from './observed.ts'

/**
 * 2: `load.clock` all through the trial, and `null` in it if neither a beacon nor the engine could be asked;
 * `fault.lasted`, `fault.lapsed`, `node.started`. A journal of version 1 has none of these, and the judge does not ask
 * for them there.
 *
 * 3: `trial.opened` says what the trial records (`records`), and a journal that lacks any of it is not believed; round
 * trips over a slow link are numbers. A journal of an older version is asked for less, and so proves less.
 */
export const schemaVersion = 3
export const oldestReadableVersion = 1

/** First event: all that is needed to judge and to replay. */
export const trialOpened = event('trial.opened', {
  schemaVersion: z.number().int(),
  trialId: z.string(),
  seed: z.number().int(),
  /**
   * In a drill by hand: the first fault alone, and its lengths mean nothing. What was done, and when, is in the fault
   * events.
   */
  scenario: scenarioSchema,
  byHand: z.literal(true).optional(),
  /** What the trial records, from version 3 on: see `records.ts`. */
  records: z.array(z.string()).optional(),
  topology: topologySchema,
  /** Of a system of one's own: by what its answers acknowledge (without a list by 2xx), or that a script asked. */
  clients: z
    .object({
      enter: z.array(z.string()),
      script: z.literal(true).optional(),
      requests: z
        .array(z.object({ name: z.string(), write: z.boolean(), acknowledged: z.array(z.number()).optional() }))
        .optional(),
    })
    .optional(),
  /**
   * By whom stored writes are read back, where that is not every database: over HTTP, by a command in containers, from
   * some of the databases; "nobody": losses are not looked for.
   */
  audit: z.object({ by: z.enum(['http', 'command', 'database', 'nobody']), nodes: z.array(z.string()) }).optional(),
  /** Component → version, as the component itself says. */
  versions: z.record(z.string(), z.string()),
  /** Identifies PostgreSQL's cluster: a world that was rebuilt under the same name has another. */
  systemIdentifier: z.string().optional(),
  host: z.object({
    cores: z.number(),
    /** The processor's name; journals before it do not say. */
    model: z.string().optional(),
    memoryBytes: z.number(),
    kernel: z.string(),
    platform: z.string(),
    engine: z.string(),
  }),
  harness: z.object({ version: z.string(), commit: z.string(), node: z.string() }),
  /** Of this machine, if there is one. */
  calibration: calibrationSchema.optional(),
  /** Wall clock at atMs = 0, in milliseconds since the epoch. */
  wallStartMs: z.number().min(0).max(farthestWallMs),
})

/** Where the trial is: precheck, warmup, steady, fault, observe, audit. */
export const stageEntered = event('stage.entered', { stage: z.string(), detail: z.string().optional() })
export const note = event('note', { text: z.string() })

/** An instrument could not do its work: the trial will be inconclusive. */
export const instrumentFailed = event('instrument.failed', { instrument: z.string(), reason: z.string() })

export const edge = z.object({ from: z.string(), to: z.string() })

/** What is different in the world because of a fault: see `Effect` in chaos/faults/fault.ts. */
const effect = z.object({
  gone: z.array(z.string()).optional(),
  mute: z.array(z.string()).optional(),
  unsettled: z.array(z.string()).optional(),
  isolated: z.array(z.string()).optional(),
  silent: z.array(edge).optional(),
  loose: z.array(edge).optional(),
})

export const faultRequested = event('fault.requested', {
  faultId: z.string(),
  fault: faultKindSchema,
  target: targetSchema,
  /** The target by name, "region east", where the scenario says a role, "region primary". */
  resolved: z.string().optional(),
  /** The same by names alone, for a replay; and the options of the kind, as given and by names alone. */
  named: targetSchema.optional(),
  with: z.record(z.string(), z.unknown()).optional(),
  namedWith: z.record(z.string(), z.unknown()).optional(),
  /**
   * Nodes and links acted upon, and what should be gone once it works: nodes that refuse, and edges on which no ping is
   * answered.
   */
  nodes: z.array(z.string()),
  links: z.array(z.string()),
  expectGone: z.object({ nodes: z.array(z.string()), edges: z.array(edge) }),
  /** Nodes that may be anything but well: those that are gone, mute, starved or restarting. */
  disturbed: z.array(z.string()).optional(),
  /**
   * All that must be different because of it: what proves it, and what stays so while it lasts. `planned`: what it
   * takes away is asked first and can hand over. Journals before these fields are read by `effects.ts`.
   */
  effect: effect.optional(),
  lasting: effect.optional(),
  planned: z.boolean().optional(),
  doesNotModel: z.array(z.string()),
})
export const faultActed = event('fault.acted', {
  faultId: z.string(),
  acts: z.number().int(),
  firstActMs: ms,
  lastActMs: ms,
  spreadMs: ms,
})
/** Round trips between two sites, of all looks: the shortest and the longest. */
const roundTrip = z.object({ from: z.string(), to: z.string(), leastMs: ms, mostMs: ms })
/**
 * The observers confirm that exactly the intended nodes and edges are gone. `atMs` is "effective". `roundTrips`: of a
 * fault that makes links slow, as they were measured for this proof.
 */
export const faultProved = event('fault.proved', {
  faultId: z.string(),
  evidence: z.array(z.string()),
  roundTrips: z.array(roundTrip).optional(),
})
export const faultUnproved = event('fault.unproved', { faultId: z.string(), reason: z.string() })
/**
 * What a proved fault had taken away was still away when its heal was requested. `watched`: nodes and directions that
 * were looked at again and again (none where nothing was to stay away); `lastMs`: when all of them were, the last time.
 */
export const faultLasted = event('fault.lasted', {
  faultId: z.string(),
  watched: z.array(z.string()),
  looks: z.number().int(),
  lastMs: ms.nullable(),
  /** Of a fault that makes links slow: all that was measured from its proof to the request of its heal. */
  roundTrips: z.array(roundTrip).optional(),
})
/** It did not last: something came back `afterMs` after the proof, without a heal. */
export const faultLapsed = event('fault.lapsed', { faultId: z.string(), afterMs: ms, evidence: z.array(z.string()) })
export const healRequested = event('heal.requested', { faultId: z.string() })
export const healActed = event('heal.acted', { faultId: z.string(), tookMs: ms })
export const healProved = event('heal.proved', { faultId: z.string(), evidence: z.array(z.string()) })
export const healFailed = event('heal.failed', { faultId: z.string(), reason: z.string() })

/**
 * The engine reports that a node's container was started or thawed, for any reason: a heal, a restart policy, a command
 * by hand.
 */
export const nodeStarted = event('node.started', { node: z.string(), how: z.enum(['start', 'unpause']) })

/** Redundant again: every database node streams from one primary and the quorum is complete. */
export const redundant = event('redundant', { primary: z.string(), standbys: z.array(z.string()) })
export const trialClosed = event('trial.closed', {
  reason: z.enum(['completed', 'interrupted', 'aborted']),
  detail: z.string().optional(),
})

export const eventSchema = z.discriminatedUnion('kind', [
  trialOpened,
  stageEntered,
  note,
  instrumentFailed,
  faultRequested,
  faultActed,
  faultProved,
  faultUnproved,
  faultLasted,
  faultLapsed,
  healRequested,
  healActed,
  healProved,
  healFailed,
  nodeStarted,
  observerStarted,
  observerGap,
  observerSummary,
  dcsLeader,
  dcsTerm,
  databaseRole,
  databaseWritable,
  databaseReplication,
  routerServer,
  routerReachable,
  beaconEdge,
  beaconHeard,
  beaconReachable,
  hostSampled,
  loadStarted,
  loadEnded,
  loadClock,
  request,
  redundant,
  auditRead,
  auditInvariants,
  auditProgress,
  auditFailed,
  trialClosed,
])
export type JournalEvent = z.infer<typeof eventSchema>
export type EventKind = JournalEvent['kind']
export type EventOf<K extends EventKind> = Extract<JournalEvent, { kind: K }>
/** Every event that is not a client request. */
export type MilestoneEvent = Exclude<JournalEvent, { kind: 'request' }>
export type MilestoneKind = MilestoneEvent['kind']
/** An event before the journal gave it a place and a time. */
export type EventBody = { [K in EventKind]: Omit<EventOf<K>, 'seq' | 'atMs'> }[EventKind]
/** Where instruments write: the journal stamps `seq`, and `atMs` unless the instrument knows it better. */
export type Recorder = (body: EventBody, atMs?: number) => void
