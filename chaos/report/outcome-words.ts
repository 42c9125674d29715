/** What became of the service, and how long clients waited, in the same few words wherever it is told. */
import type { Verdict } from '../judge/verdict.ts'
import { counted, duration } from './format.ts'

export type Outcome = Pick<Verdict, 'outcome' | 'recoveredInMs' | 'censoredAtMs'>

/** `22.412 s`, `uninterrupted`, `some failed`, `not recovered`; null where nothing was measured. */
export function outcomeWords({ outcome, recoveredInMs, censoredAtMs }: Outcome): string | null {
  switch (outcome) {
    case null:
      return null
    case 'recovered':
      return recoveredInMs === null ? null : duration(recoveredInMs)
    case 'censored':
      return censoredAtMs === null ? 'not recovered' : `not recovered within ${duration(censoredAtMs)}`
    case 'some-failed':
      return 'some failed'
    case 'uninterrupted':
      return 'uninterrupted'
  }
}

/** Whether clients were served throughout; then a time of recovery does not exist. */
export function wasServed({ outcome }: Pick<Verdict, 'outcome'>): boolean {
  return outcome === 'uninterrupted' || outcome === 'some-failed'
}

/** "clients were not interrupted, but 3 requests failed; writes waited up to 1.8 s". */
export function servedWords(
  verdict: Pick<Verdict, 'outcome' | 'failedRequests' | 'writeGapMs' | 'writeGapOpen'>,
): string {
  const { outcome, failedRequests, writeGapMs, writeGapOpen } = verdict
  const failed = outcome === 'some-failed' ? `, but ${counted(failedRequests ?? 0, 'request')} failed` : ''
  const waited =
    writeGapMs === null ? '' : `; writes waited ${writeGapOpen ? 'at least' : 'up to'} ${duration(writeGapMs)}`
  return `clients were not interrupted${failed}${waited}`
}

/** A gap that reached the end of the stream lasted at least so long. */
export function gapWords(ms: number | null, open = false): string | null {
  return ms === null ? null : `${open ? 'at least ' : ''}${duration(ms)}`
}
