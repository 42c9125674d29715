/**
 * Was the system hit by the faults that the scenario asks for, for as long as it asks, and did all of them heal? An
 * observer must have seen it, and nothing else in the journal may contradict it.
 */
import { isDeadly } from '../journal/effects.ts'
import type { RecordedJournal } from '../journal/recorded.ts'
import { faultProofLimitMs } from '../limits.ts'
import { faultNamed } from '../scenarios/kinds.ts'
import { cameBackDefect, startTellsWithinMs } from './came-back.ts'
import { downAtEnd, sightingDefect } from './contradictions.ts'
import { delayDefect } from './fault-delay.ts'
import { evidenceDefect, healEvidenceDefect } from './fault-evidence.ts'
import { switchoverDefect } from './fault-switchover.ts'
import type { FaultRecord } from './faults.ts'
import { counted, duration, moment } from './figures.ts'
import { goneBefore } from './gone-before.ts'
import type { Watched } from './sightings.ts'
import { elsewhereDefect } from './untouched.ts'
import type { ValidityInput } from './validity.ts'
import type { Defect } from './validity-load.ts'
import { nameAmong, some } from './words.ts'

/** What a fault took away must have been checked within this time before the heal, and as often all the while. */
const lookedWithinMs = 5_000
/** No look comes sooner after another: `viewEveryMs` in chaos/run/watch.ts. */
const looksApartMs = 100
/** From this version on, faults are checked while they last. */
const lookedAtThroughout = 2
/** From this version on, round trips over slow links and starts of nodes are held against what is said of them. */
const measuredInNumbers = 3
/** Moments of one process, written a moment later. */
const roundingMs = 1
/** Acts on a region are at most this far apart: 0.47 s in 55 real trials, for a pause; kills less than 0.05 s. */
const longestSpreadMs = 1_000
/** How late the run may be with a proof for which it looked in time. */
const proofLateMs = 1_000
/** The request follows the beginning of its stage: within 3 ms in 31 real trials. */
const requestedWithinMs = 100
/** The first act follows the request at once: within 13 ms in real trials, on the busiest host. */
const actsWithinMs = 250

/** An observer saw each planned fault take effect, before it was healed. */
export function faultDefect(
  journal: RecordedJournal,
  faults: readonly FaultRecord[],
  watched: readonly Watched[],
): Defect {
  const planned = journal.opened.scenario.faults.length
  if (faults.length < planned) return `${faults.length} of ${planned} planned faults were requested`
  const late = lateDefect(journal, faults)
  if (late !== undefined) return late
  for (const fault of faults) {
    const reason =
      fault.unproved ??
      actDefect(fault) ??
      proofDefect(fault) ??
      evidenceDefect(fault) ??
      switchoverDefect(journal, fault, faults) ??
      slowDefect(journal, fault.requested, fault.roundTrips) ??
      goneBefore(journal, fault, { faults, watched })
    if (reason !== undefined) return `${nameAmong(faults, fault)} was not proved: ${reason}`
  }
  return elsewhereDefect(journal, faults, watched)
}

/** The first fault is requested as soon as its stage begins. A drill waits for a hand. */
function lateDefect(journal: RecordedJournal, faults: readonly FaultRecord[]): Defect {
  const stage = journal.of('stage.entered').find((event) => event.stage === 'fault')
  const firstMs = faults.reduce((first, { requested }) => Math.min(first, requested.atMs), Infinity)
  if (stage === undefined || journal.opened.byHand === true || faults.length === 0) return undefined
  return Math.abs(firstMs - stage.atMs) > requestedWithinMs
    ? `the first fault is recorded as requested ${duration(Math.abs(firstMs - stage.atMs))} ${firstMs > stage.atMs ? 'after' : 'before'} its stage began (limit ${duration(requestedWithinMs)})`
    : undefined
}

/** It acted, on all that it names, when it was requested and not before. */
function actDefect({ acted, requested }: FaultRecord): Defect {
  if (acted === null) return 'the journal does not say that it acted'
  const { acts, firstActMs, lastActMs, spreadMs, atMs } = acted
  if (acts === 0 && requested.target.scope !== 'nothing') return 'it did nothing'
  if (acts < requested.nodes.length) return `it acted ${counted(acts, 'time')}, on ${requested.nodes.length} nodes`
  if (firstActMs < requested.atMs - roundingMs)
    return `its first act was ${duration(requested.atMs - firstActMs)} before its request`
  if (firstActMs > requested.atMs + actsWithinMs)
    return `its first act was ${duration(firstActMs - requested.atMs)} after its request (limit ${duration(actsWithinMs)})`
  if (spreadMs < 0 || spreadMs > longestSpreadMs)
    return `its acts are ${duration(spreadMs)} apart (limit ${duration(longestSpreadMs)})`
  if (lastActMs > atMs + roundingMs) return `its last act is recorded ${duration(lastActMs - atMs)} before it was done`
  return Math.abs(lastActMs - firstActMs - spreadMs) > roundingMs
    ? `its acts are ${duration(lastActMs - firstActMs)} apart, and it says ${duration(spreadMs)}`
    : undefined
}

/** One proof, after the acts and before the heal. */
function proofDefect({ requested, acted, effectiveMs, proofs, healRequestedMs }: FaultRecord): Defect {
  if (effectiveMs === null) return 'no observer confirmed it'
  if (proofs > 1) return `it is recorded as proved ${proofs} times`
  if (acted !== null && acted.atMs > effectiveMs + roundingMs)
    return `it is recorded as done ${duration(acted.atMs - effectiveMs)} after its proof`
  const sinceMs = Math.max(requested.atMs, acted?.lastActMs ?? 0)
  if (effectiveMs < sinceMs - roundingMs)
    return `it was proved ${duration(sinceMs - effectiveMs)} before it ${sinceMs === requested.atMs ? 'was requested' : 'had acted'}`
  if (healRequestedMs !== null && effectiveMs > healRequestedMs)
    return 'it was proved only after its heal had been requested'
  const limitMs = (faultNamed(requested.fault).proofLimitMs ?? faultProofLimitMs) + proofLateMs
  return effectiveMs - sinceMs > limitMs
    ? `it was proved only ${duration(effectiveMs - sinceMs)} after it had acted (limit ${duration(limitMs)})`
    : undefined
}

/** Journals before version 3 have round trips only in words. */
function slowDefect(
  { opened }: RecordedJournal,
  requested: FaultRecord['requested'],
  roundTrips: FaultRecord['roundTrips'],
): Defect {
  return opened.schemaVersion < measuredInNumbers ? undefined : delayDefect(requested, opened.topology, roundTrips)
}

export function healDefect(
  { journal, faults, isServiceMissed }: Pick<ValidityInput, 'journal' | 'faults' | 'isServiceMissed'>,
  watched: readonly Watched[],
): Defect {
  if (faults.length === 0) return 'there was no fault to heal'
  for (const fault of faults) {
    const reason = healReason(fault, faults) ?? restartDefect(journal, fault)
    if (reason !== undefined) return `${nameAmong(faults, fault)} was not seen to heal: ${reason}`
  }
  return downAtEnd(journal, watched) ?? cameBackDefect({ journal, faults, isServiceMissed }, watched)
}

function healReason(fault: FaultRecord, faults: readonly FaultRecord[]): Defect {
  const { healFailed, healedMs, healRequestedMs, healProofs, healActed } = fault
  if (healFailed !== null) return healFailed
  if (healedMs === null) return 'no observer confirmed it'
  if (healRequestedMs === null) return 'nobody asked for it'
  if (healedMs < healRequestedMs)
    return `it is recorded ${duration(healRequestedMs - healedMs)} before it was asked for`
  if (healActed === null) return 'the journal does not say that it was done'
  const { atMs, tookMs } = healActed
  const beganMs = atMs - tookMs
  if (Math.abs(beganMs - healRequestedMs) > actsWithinMs)
    return `it is recorded as begun at ${moment(beganMs)}, and as asked for at ${moment(healRequestedMs)}`
  if (healedMs < atMs - roundingMs) return `it was proved ${duration(atMs - healedMs)} before it was done`
  if (healProofs > 1) return `it is recorded as healed ${healProofs} times`
  return healEvidenceDefect(fault, faults)
}

/**
 * What was killed, frozen or drained is there again only if the engine started it: so it was with 230 nodes of 23 real
 * faults, and 84 of 12 real drains.
 */
function restartDefect(journal: RecordedJournal, { requested, healRequestedMs, healedMs }: FaultRecord): Defect {
  const ended = isDeadly(requested) || requested.fault === 'drain'
  const how = ended ? 'start' : requested.fault === 'pause' ? 'unpause' : undefined
  if (journal.opened.schemaVersion < measuredInNumbers || how === undefined) return undefined
  const { gone = [], mute = [] } = requested.lasting ?? {}
  const started = new Set(
    journal
      .of('node.started')
      .filter(
        (event) =>
          event.how === how &&
          event.atMs >= (healRequestedMs ?? Infinity) &&
          event.atMs <= (healedMs ?? -Infinity) + startTellsWithinMs,
      )
      .map(({ node }) => node),
  )
  const dead = [...gone, ...mute].filter((name) => !started.has(name))
  return dead.length === 0
    ? undefined
    : `the engine did not tell that it ${how === 'start' ? 'started' : 'thawed'} ${some(dead, 3)}`
}

/** A proved fault may be undone the next moment, by an engine that restarts what died. */
export function lapseDefect(
  journal: RecordedJournal,
  faults: readonly FaultRecord[],
  watched: readonly Watched[],
): Defect {
  for (const fault of faults) {
    const name = nameAmong(faults, fault)
    const { lapsed, effectiveMs, healRequestedMs } = fault
    if (lapsed !== null)
      return `${name} did not last: ${lapsed.evidence.join('; ')}, ${duration(lapsed.afterMs)} after it was proved`
    if (effectiveMs === null || effectiveMs > (healRequestedMs ?? Infinity)) continue
    const unchecked = journal.opened.schemaVersion < lookedAtThroughout ? undefined : lookDefect(fault, effectiveMs)
    if (unchecked !== undefined) return `it was not checked whether ${name} lasted${unchecked}`
    const slow = slowDefect(journal, fault.requested, fault.lasted?.roundTrips)
    if (slow !== undefined) return `${name} did not last: ${slow}`
    const seen = sightingDefect(journal, fault, watched)
    if (seen !== undefined) return `${name} did not last: ${seen}`
  }
  return undefined
}

/** How the checks themselves fall short, as the end of a sentence: "it was not checked whether … lasted". */
function lookDefect({ lasted, healRequestedMs, requested }: FaultRecord, effectiveMs: number): Defect {
  if (healRequestedMs === null) return ', because its heal was never requested'
  if (lasted === null) return ''
  const { watched, looks, lastMs, atMs } = lasted
  if (atMs < effectiveMs - roundingMs)
    return `: that it did is recorded ${duration(effectiveMs - atMs)} before its proof`
  const { gone = [], mute = [], silent = [] } = requested.lasting ?? { gone: requested.expectGone.nodes }
  const away = [...gone, ...mute, ...silent.map(({ from, to }) => `${from}>${to}`)]
  const unwatched = away.filter((name) => !watched.includes(name))
  if (unwatched.length > 0) return `: nobody watched ${some(unwatched, 3)}`
  const strange = requested.lasting === undefined ? [] : watched.filter((name) => !away.includes(name))
  if (strange.length > 0) return `: ${some(strange, 3)} was watched, which it did not take away`
  if (watched.length === 0) return undefined
  if (lastMs === null || looks === 0) return ` (${counted(watched.length, 'thing')} to check: ${some(watched, 3)})`
  if (lastMs > healRequestedMs + roundingMs || lastMs < effectiveMs - roundingMs)
    return `: the last look, at ${moment(lastMs)}, was not between its proof and its heal`
  if (healRequestedMs - lastMs > lookedWithinMs) return ` from ${moment(lastMs)} to ${moment(healRequestedMs)}`
  const most = (lastMs - effectiveMs) / looksApartMs + 2
  return looks > most || (lastMs - effectiveMs) / looks > lookedWithinMs
    ? ` all the while: ${counted(looks, 'look')} in ${duration(lastMs - effectiveMs)}`
    : undefined
}
