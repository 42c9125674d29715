/**
 * Recovery cut into phases: detect (T0→T2), elect (→T3), promote (→T4), route (→T5), settle (→T6).
 *
 * The lengths that have a value sum to T6 − T0 exactly, since all moments are rounded to whole milliseconds first.
 * Where the boundaries do not come in order the later one is moved up to the earlier (or back to T6) and the phase
 * flagged "overlap". If a boundary was not observed, its phase has no length and is flagged "unobserved", and the next
 * phase spans both.
 */
import type { Failover } from './failover.ts'
import { duration } from './figures.ts'
import type { Observation } from './observation.ts'
import type { PredictedPhases } from './predict.ts'
import type { Recovery } from './recovery.ts'
import type { Phase } from './verdict.ts'

interface Boundary {
  name: Phase['name']
  seen: Observation | null
  why: string
}

/** Boundaries that the fault did not call for: not seen, and not missed either. */
const notNeeded = 'not needed'
const unobserved = 'unobserved'

/** The five phases, in order. `predicted` is shown only where the primary changed; null where no fault took it away. */
export function cutPhases(options: {
  requestedMs: number
  failover: Failover
  recovery: Recovery
  predicted: PredictedPhases | null
}): Phase[] {
  const { failover, recovery, predicted } = options
  const startMs = Math.round(options.requestedMs)
  const endMs = recovery.outcome === 'recovered' ? Math.round(recovery.atMs) : null
  const changed = failover.newPrimary !== null
  let cursorMs = startMs
  let spanned: string[] = []
  return boundaries(failover, recovery).map(({ name, seen, why }) => {
    const bounds = changed ? (predicted?.[name] ?? null) : null
    if (seen === null) {
      if (why.startsWith(unobserved)) spanned.push(name)
      return {
        name,
        fromMs: null,
        toMs: null,
        lengthMs: null,
        observer: 'none',
        uncertaintyMs: null,
        flag: why,
        predicted: bounds,
      }
    }
    const fromMs = cursorMs
    const seenMs = Math.round(seen.atMs)
    const toMs = Math.max(fromMs, Math.min(seenMs, endMs ?? Infinity))
    const flags = [
      overlapFlag({ seenMs, fromMs, endMs }),
      spanned.length > 0 ? `${unobserved}: includes ${spanned.join(' and ')}, whose end was not observed` : undefined,
    ]
    const flag = flags.filter((text) => text !== undefined).join('; ')
    cursorMs = toMs
    spanned = []
    return {
      name,
      fromMs,
      toMs,
      lengthMs: toMs - fromMs,
      observer: seen.observer,
      uncertaintyMs: Math.ceil(seen.uncertaintyMs),
      ...(flag === '' ? {} : { flag }),
      predicted: bounds,
    }
  })
}

function boundaries(failover: Failover, recovery: Recovery): Boundary[] {
  const changed = failover.newPrimary !== null
  // Clients that were never interrupted and a primary that stayed: there was nothing to do.
  const nothingToDo = !changed && failover.detected === null && recovery.outcome === 'uninterrupted'
  const unseen = (what: string): string => (nothingToDo ? `${notNeeded}: nothing changed` : `${unobserved}: ${what}`)
  const needsChange = (what: string): string => (changed ? unseen(what) : `${notNeeded}: the primary did not change`)
  return [
    {
      name: 'detect',
      seen: failover.detected,
      why: unseen('no leader key was lost and no router marked a server down'),
    },
    { name: 'elect', seen: failover.elected, why: needsChange('no new holder of the leader key was seen') },
    { name: 'promote', seen: failover.promoted, why: needsChange('no probe write was committed by a new primary') },
    { name: 'route', seen: failover.routed, why: unseen('the routers were not seen to agree on the primary') },
    { name: 'settle', seen: settled(recovery), why: notSettled(recovery) },
  ]
}

function settled(recovery: Recovery): Observation | null {
  return recovery.outcome === 'recovered'
    ? { atMs: recovery.atMs, observer: 'client stream', uncertaintyMs: recovery.gapMs }
    : null
}

function notSettled(recovery: Recovery): string {
  return recovery.outcome === 'uninterrupted'
    ? `${notNeeded}: clients were not interrupted`
    : `${unobserved}: clients did not recover while they were watched`
}

function overlapFlag({
  seenMs,
  fromMs,
  endMs,
}: {
  seenMs: number
  fromMs: number
  endMs: number | null
}): string | undefined {
  if (seenMs < fromMs) return `overlap: seen ${duration(fromMs - seenMs)} before the previous phase ended`
  if (endMs !== null && seenMs > endMs) return `overlap: seen ${duration(seenMs - endMs)} after clients had recovered`
  return undefined
}
