/** What clients were promised of waiting: how long no write and no read may be acknowledged, and how long they stall. */
import type { Objectives } from '../scenarios/schema.ts'
import { duration, moment } from './figures.ts'
import { type Finding, type Measured, unmeasured } from './finding.ts'
import { type Gap, wholeStall } from './gaps.ts'

export function writeGapPromise(limitMs: number): string {
  return `writes never go unacknowledged for longer than ${duration(limitMs)}`
}

export function readGapPromise(limitMs: number): string {
  return `reads never go unanswered for longer than ${duration(limitMs)}`
}

export function stalledPromise(limitMs: number, overMs: number): string {
  const longer = `for longer than ${duration(overMs)}`
  return limitMs === 0 ? `no client ever waits ${longer}` : `clients wait ${longer} during ${duration(limitMs)} at most`
}

export function writeGap({ writeGapMs: limit }: Objectives, { gaps }: Measured): Finding | null {
  if (limit === undefined) return null
  return gapFinding({ name: 'write-gap', promise: writeGapPromise(limit), limit, actual: null }, 'write', gaps?.write)
}

export function readGap({ readGapMs: limit }: Objectives, { gaps }: Measured): Finding | null {
  if (limit === undefined) return null
  return gapFinding({ name: 'read-gap', promise: readGapPromise(limit), limit, actual: null }, 'read', gaps?.read)
}

/** `gap`: undefined where nothing was measured, null where nothing was acknowledged. */
function gapFinding(
  finding: Omit<Finding, 'verdict' | 'evidence'> & { limit: number },
  kind: 'write' | 'read',
  gap: Gap | null | undefined,
): Finding {
  if (gap === undefined) return unmeasured(finding)
  const { limit } = finding
  const done = kind === 'write' ? 'acknowledged' : 'answered'
  if (gap === null)
    return { ...finding, verdict: 'inconclusive', evidence: `no ${kind} was ${done}, so there is no gap to measure` }
  const actual = Math.round(gap.lengthMs)
  const from = `from ${moment(gap.fromMs)} on`
  if (!gap.open) {
    const evidence = `no ${kind} was ${done} for ${duration(actual)}, ${from}`
    return { ...finding, actual, verdict: actual <= limit ? 'met' : 'missed', evidence }
  }
  const evidence = `no ${kind} was ${done} for at least ${duration(actual)}, ${from}: the stream ended`
  if (actual > limit) return { ...finding, actual, verdict: 'missed', evidence }
  if (gap.unanswered) return { ...finding, actual, verdict: 'inconclusive', evidence }
  // Every write before it was acknowledged, and none was waiting: the stream ended, not the service.
  return { ...finding, actual, verdict: 'met', evidence: `${evidence}, and no ${kind} was waiting` }
}

export function stalled({ stalledMs: limit, window }: Objectives, { gaps }: Measured): Finding | null {
  if (limit === undefined) return null
  const overMs = window.stalledOverMs
  const finding = { name: 'stalled', promise: stalledPromise(limit, overMs), limit } as const
  if (gaps === null) return unmeasured({ ...finding, actual: null })
  const actual = wholeStall(gaps)
  return {
    ...finding,
    actual,
    verdict: actual <= limit ? 'met' : 'missed',
    evidence: `some client had waited for longer than ${duration(overMs)} during ${duration(actual)}`,
  }
}
