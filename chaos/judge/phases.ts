/**
 * What happened from the fault until clients were served again, cut into phases: detect (→ T2), elect (→ T3), promote
 * (→ T4), route (→ T5), settle (→ T6). They count from the fault that took the primary away (`Failover.fromMs`).
 *
 * A phase ends where its observer saw it end, whatever clients noticed. Clients may be served again before the
 * components are done; then nothing is left to settle, and it says so. The lengths that have a value sum exactly to the
 * last boundary that was seen, since all moments are rounded to whole milliseconds first.
 *
 * Where the boundaries up to T5 do not come in order the later one is moved up to the earlier and the phase flagged
 * "overlap". If a boundary was not observed, its phase has no length and is flagged "unobserved", and the next phase
 * spans both.
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

const ends: Record<Phase['name'], string> = {
  detect: 'the loss was detected',
  elect: 'the successor had the leader key',
  promote: 'the new primary committed',
  route: 'the routers were seen to agree',
  settle: 'clients were served',
}

/** The five phases, in order. `predicted` is shown only where the primary changed; null where no fault took it away. */
export function cutPhases(options: {
  failover: Failover
  recovery: Recovery
  predicted: PredictedPhases | null
}): Phase[] {
  const { failover, recovery, predicted } = options
  const changed = failover.newPrimary !== null
  let cursorMs = Math.round(failover.fromMs)
  let closed: Phase['name'] | undefined
  let spanned: string[] = []
  return boundaries(failover, recovery).map(({ name, seen, why }) => {
    const bounds = changed ? (predicted?.[name] ?? null) : null
    const seenMs = seen === null ? null : Math.round(seen.atMs)
    const early = name === 'settle' && seenMs !== null && seenMs < cursorMs
    if (seen === null || seenMs === null || early) {
      if (seen === null && why.startsWith(unobserved)) spanned.push(name)
      return {
        name,
        fromMs: null,
        toMs: null,
        lengthMs: null,
        observer: seen === null ? 'none' : seen.observer,
        uncertaintyMs: null,
        flag: early ? servedBefore(cursorMs - seenMs, closed) : why,
        predicted: bounds,
      }
    }
    const fromMs = cursorMs
    const toMs = Math.max(fromMs, seenMs)
    const flags = [
      seenMs < fromMs ? `overlap: seen ${duration(fromMs - seenMs)} before the previous phase ended` : undefined,
      spanned.length > 0 ? `${unobserved}: includes ${spanned.join(' and ')}, whose end was not observed` : undefined,
    ]
    const flag = flags.filter((text) => text !== undefined).join('; ')
    cursorMs = toMs
    closed = name
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

/** `closed`: the last phase whose end was seen; undefined where clients recovered before the fault that phases count from. */
function servedBefore(byMs: number, closed: Phase['name'] | undefined): string {
  const end = closed === undefined ? 'the fault that the phases count from' : ends[closed]
  return `${notNeeded}: clients were served again ${duration(byMs)} before ${end}`
}

function boundaries(failover: Failover, recovery: Recovery): Boundary[] {
  const changed = failover.newPrimary !== null
  const { detectable, detected, watched, multiPrimary } = failover
  const calm = recovery.outcome === 'uninterrupted' || recovery.outcome === 'some-failed'
  const unseen = (what: string): string => {
    if (changed || detected !== null || !watched) return `${unobserved}: ${what}`
    // Clients that were not interrupted and a primary that stayed: there was nothing to do.
    if (calm) return `${notNeeded}: nothing changed`
    return detectable
      ? `${unobserved}: ${what}`
      : `${notNeeded}: the primary did not change, and no fault took away a server that clients' requests go through`
  }
  const needsChange = (what: string): string => {
    if (multiPrimary) return `${notNeeded}: each database takes writes`
    if (!watched) return `${unobserved}: no database can be asked whether it is primary`
    return changed ? unseen(what) : `${notNeeded}: the primary did not change`
  }
  return [
    {
      name: 'detect',
      seen: detected,
      why: unseen('no leader key was lost and no router marked down a server that a fault had taken away'),
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
  return recovery.outcome === 'uninterrupted' || recovery.outcome === 'some-failed'
    ? `${notNeeded}: clients were not interrupted`
    : `${unobserved}: clients did not recover while they were watched`
}
