/**
 * Is the journal of the version that it says, and does it hold what that version promises? One that says less of itself
 * than it holds would be asked for less. Whoever strips a journal of all that is new has an older one, which is asked for
 * less, and says so.
 */

import type { RecordedJournal } from '../journal/recorded.ts'
import { recorded } from '../journal/records.ts'
import { longestDrillMs, rampMs } from '../limits.ts'
import { seededRandom } from '../random.ts'
import { isPostgres, nodesOf } from '../topology/topology.ts'
import { readByOthers } from './audit-servers.ts'
import { duration } from './figures.ts'
import { accountsDefect } from './validity-accounts.ts'
import type { Defect } from './validity-load.ts'
import { numbersDefect } from './validity-numbers.ts'

type Promised = (typeof recorded)[number]

const stages = ['precheck', 'warmup', 'steady', 'fault', 'observe', 'audit']
/** Moments of one process, written a moment later. */
const roundingMs = 1
/** The faults begin when the seed says: −1 to +7 ms in 70 real trials, busy hosts among them. */
const drawnWithinMs = 100
/** T0 is drawn over one heartbeat, of which this is the usual length: `heartbeatMs` in chaos/run/trial.ts. */
const usualHeartbeatMs = 1_000

export function versionDefect(journal: RecordedJournal): Defect {
  const { schemaVersion } = journal.opened
  const newer = newerThan(journal, schemaVersion)
  if (newer !== undefined) return `it says that it is of version ${schemaVersion}, which has no ${newer}`
  return handDefect(journal) ?? momentsDefect(journal) ?? (schemaVersion < 3 ? undefined : missingDefect(journal))
}

/** What a journal of this version cannot hold. */
function newerThan(journal: RecordedJournal, version: number): string | undefined {
  const kind = (['fault.lasted', 'fault.lapsed', 'node.started'] as const).find((name) => journal.of(name).length > 0)
  if (version < 2) {
    if (kind !== undefined) return kind
    if (journal.of('fault.requested').some(({ effect, planned }) => (effect ?? planned) !== undefined))
      return 'effects of faults'
    if (journal.of('audit.read').some(({ server }) => server !== undefined)) return 'servers of readings'
  }
  if (version >= 3) return undefined
  if (journal.opened.records !== undefined) return 'list of what it records'
  return [...journal.of('fault.proved'), ...journal.of('fault.lasted')].some(
    ({ roundTrips }) => roundTrips !== undefined,
  )
    ? 'round trips of faults'
    : undefined
}

/** A drill has its own name, numbers its faults without the trial's name, and its load is asked to stop. */
function handDefect(journal: RecordedJournal): Defect {
  const { schemaVersion, byHand, trialId, scenario } = journal.opened
  if (byHand !== true) return undefined
  const planned = journal.of('fault.requested').some(({ faultId }) => faultId.startsWith(`${trialId}-`))
  const stopped = journal.of('load.ended').some(({ stoppedMs }) => stoppedMs !== undefined)
  const lengthMs = journal.of('load.started')[0]?.durationMs
  return planned ||
    (schemaVersion >= 2 && !stopped) ||
    (schemaVersion >= 3 && (scenario.name !== 'drill' || lengthMs !== longestDrillMs))
    ? 'it says that its faults were made by hand, and they and its load were played as planned'
    : undefined
}

function missingDefect(journal: RecordedJournal): Defect {
  const promised = journal.opened.records ?? []
  const untold = recorded.find((name) => !promised.includes(name))
  if (untold !== undefined) return `it does not say that it records ${untold}, as each of its version does`
  for (const name of recorded) {
    const missing = lacks[name](journal)
    if (missing !== undefined) return missing
  }
  return numbersDefect(journal)
}

/** Where all stages are told: each begins when the one before it is over; the faults' at the moment that the seed drew. */
function momentsDefect(journal: RecordedJournal): Defect {
  const { byHand, seed, scenario, topology } = journal.opened
  const beganMs = new Map(journal.of('stage.entered').map(({ stage, atMs }) => [stage, atMs]))
  const at = (stage: string): number => beganMs.get(stage) ?? 0
  const healedMs = journal.of('heal.proved').reduce((last, { atMs }) => Math.max(last, atMs), -Infinity)
  if (stages.some((stage) => !beganMs.has(stage))) return undefined
  if (at('observe') < healedMs - roundingMs) return `its stage "observe" began before the last heal was proved`
  const endedMs = journal.of('load.ended').at(-1)?.atMs ?? -Infinity
  if (at('audit') < endedMs - roundingMs) return `its stage "audit" began before the load had ended`
  if (byHand === true) return undefined
  const drawnMs = seededRandom(seed)() * (topology.timeouts['loop-ms'] ?? usualHeartbeatMs)
  const lateMs = at('fault') - at('steady') - (rampMs + scenario.steadyMs + drawnMs)
  return Math.abs(lateMs) > drawnWithinMs
    ? `the faults began ${duration(Math.abs(lateMs))} ${lateMs > 0 ? 'after' : 'before'} the moment that the seed ${seed} drew (limit ${duration(drawnWithinMs)})`
    : undefined
}

const lacks: { [name in Promised]: (journal: RecordedJournal) => Defect } = {
  stages: (journal) => {
    const told = journal.of('stage.entered').map(({ stage }) => stage)
    return told.join() === stages.join()
      ? undefined
      : `its stages are ${told.join(', ') || 'none'}, not ${stages.join(', ')}`
  },
  effects: (journal) => {
    const { trialId, byHand } = journal.opened
    const faults = journal.of('fault.requested')
    const silent = faults.find(
      ({ effect, lasting, planned, named }) =>
        effect === undefined || lasting === undefined || planned === undefined || named === undefined,
    )
    if (silent !== undefined) return `it does not say what ${silent.faultId} changes`
    const strange = faults.find(
      ({ faultId }) => !(byHand ? /^f\d+$/.test(faultId) : faultId.startsWith(`${trialId}-f`)),
    )
    return strange && `the fault ${strange.faultId} is not one of this trial, by its name`
  },
  'load-duration': (journal) => {
    const { scenario, topology, byHand } = journal.opened
    const lengthMs = journal.of('load.started')[0]?.durationMs
    if (journal.of('load.started').length === 0) return undefined
    if (lengthMs === undefined) return 'it does not say how long the load was to last'
    const plannedMs =
      rampMs + scenario.steadyMs + (topology.timeouts['loop-ms'] ?? usualHeartbeatMs) + scenario.observeMs
    return byHand || Math.abs(lengthMs - plannedMs) < 1
      ? undefined
      : `the load was to last ${duration(lengthMs)}, and the scenario asks for ${duration(plannedMs)}`
  },
  servers: (journal) => {
    // What is read through an app or by a command says nothing of servers.
    const tell = readByOthers(journal)
      ? []
      : nodesOf(journal.opened.topology, 'database')
          .filter(isPostgres)
          .map(({ name }) => name)
    const silent = journal
      .of('audit.read')
      .find(({ node, server, snapshotMs }) => snapshotMs === undefined || (server === undefined && tell.includes(node)))
    const nowhere = journal.of('audit.read').find(({ node, server }) => server?.address === null && tell.includes(node))
    if (nowhere !== undefined) return `it does not say at which address ${nowhere.node} was read`
    return silent && `it does not say which server was read for ${silent.node}, and in which state`
  },
  // That they are as long as they must be is the business of the faults' own checks.
  'round-trips': () => undefined,
  accounts: accountsDefect,
}
