/** What became of the service, and how long clients waited, in the same few words wherever it is told. */
import type { Verdict } from '../judge/verdict.ts'
import { waitedWords } from '../judge/words.ts'
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

/** "clients were not interrupted, but 3 requests failed; for up to 1.8 s no write was acknowledged". */
export function servedWords(verdict: Served & Pick<Verdict, 'writeGapMs' | 'writeGapOpen'>): string {
  return `clients were not interrupted${failedWords(verdict)}${waitedWords(verdict)}`
}

type Served = Pick<Verdict, 'failedRequests'>

/** Why a trial counts as served throughout. Older verdicts say uninterrupted although requests failed. */
export function servedNote(verdict: Served): string {
  const failed = failedWords(verdict)
  return failed === '' ? 'no request failed, and no window was bad' : `clients were not interrupted${failed}`
}

function failedWords({ failedRequests }: Served): string {
  return failedRequests === null || failedRequests === 0 ? '' : `, but ${counted(failedRequests, 'request')} failed`
}

/** A gap that reached the end of the stream lasted at least so long. */
export function gapWords(ms: number | null, open = false): string | null {
  return ms === null ? null : `${open ? 'at least ' : ''}${duration(ms)}`
}
