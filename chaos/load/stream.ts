/**
 * Reads the load generator's lines (see script.js) into journal events. Pure: wall-clock times come in, trial times go
 * out.
 */
import { errors } from '../journal/load.ts'
import type { EventOf } from '../journal/schema.ts'
import { dueMs, type Pace } from '../scenarios/due.ts'

export type RequestBody = Omit<EventOf<'request'>, 'seq' | 'atMs'>

/** In milliseconds since the trial's start. */
export interface Schedule extends Pace {
  /** Wall clock at the trial's start, milliseconds since the epoch. */
  wallStartMs: number
}

export type LoadLine =
  | { is: 'start'; startMs: number }
  | { is: 'summary'; iterations: number; dropped: number }
  | { is: 'attempt'; fields: string[] }
  | { is: 'other'; text: string }

/** Lines before sessions and versions, with them, and of module.js. */
const lengths = [9, 11, 12]

export function parseLine(text: string): LoadLine {
  const fields = text.split(',')
  const numbered = /^\d*$/.test(fields[11] ?? '')
  if (lengths.includes(fields.length) && numbered && (fields[1] === 'w' || fields[1] === 'r'))
    return { is: 'attempt', fields }
  if (fields[0] === 'start' && fields.length === 2) return { is: 'start', startMs: Number(fields[1]) }
  const [, iterations, dropped] = /^summary,(\d+),(\d+)$/.exec(text) ?? []
  if (iterations !== undefined && dropped !== undefined)
    return { is: 'summary', iterations: Number(iterations), dropped: Number(dropped) }
  return { is: 'other', text }
}

/** `declared`: the requests of a blackstart.yaml; a line says by number which of them it was. */
export function requestOf(
  fields: string[],
  schedule: Schedule,
  declared: readonly { acknowledged?: number[] | undefined }[] = [],
): RequestBody {
  const [n, op, started, ended, status, errorCode, node, region, database, session, versions, request] = fields
  const arrival = Number(n)
  const code = Number(errorCode)
  return {
    kind: 'request',
    n: arrival,
    op: op === 'w' ? 'write' : 'read',
    scheduledMs: round(dueMs(schedule, arrival)),
    startedMs: Number(started) - schedule.wallStartMs,
    endedMs: Number(ended) - schedule.wallStartMs,
    outcome: outcomeOf(Number(status), code, request ? declared[Number(request)]?.acknowledged : undefined),
    status: Number(status),
    ...(Number(status) === 0 && { error: errorText(code) }),
    ...(node && { node }),
    ...(region && { region }),
    ...(database && { database }),
    ...(session && { session: Number(session) }),
    ...versionsIn(versions),
  }
}

/** `12:4 873:9` → accounts and their versions; nothing where the answer does not say them, or not in this form. */
function versionsIn(text = ''): Pick<RequestBody, 'versions'> {
  const match = /^(\d{1,9}):(\d{1,9})(?: (\d{1,9}):(\d{1,9}))?$/.exec(text)
  if (match === null) return {}
  const [account, version, other, itsVersion] = match.slice(1).map(Number) as [number, number, number, number]
  return { versions: match[3] === undefined ? [account, version] : [account, version, other, itsVersion] }
}

function round(ms: number): number {
  return Math.round(ms * 1000) / 1000
}

/**
 * Three outcomes. `rejected` only where the service said no (4xx) or the request certainly never left: a name that does
 * not resolve (k6's 11xx) or a connection that was not made (1210–1213). All else without an answer, and any 5xx, is
 * `unknown`. Codes: https://grafana.com/docs/k6/latest/javascript-api/error-codes/
 *
 * `acknowledged`: the statuses by which a service of one's own promises that it was done. An answer below 400 that is
 * none of them promises nothing.
 */
export function outcomeOf(status: number, errorCode: number, acknowledged?: readonly number[]): RequestBody['outcome'] {
  if (acknowledged?.includes(status)) return 'acked'
  if (acknowledged !== undefined && status >= 200 && status < 400) return 'unknown'
  if (status >= 200 && status < 400) return 'acked'
  if (status >= 400 && status < 500) return 'rejected'
  if (status === 0 && ((errorCode >= 1100 && errorCode < 1200) || (errorCode >= 1210 && errorCode <= 1213)))
    return 'rejected'
  return 'unknown'
}

function errorText(code: number): string {
  if (code === 1050) return errors.timeout
  if (code === 1212) return errors.refused
  if (code === 1211) return errors.connectTimeout
  if (code === 1220) return errors.reset
  if (code >= 1100 && code < 1200) return errors.notResolved
  return `no answer (k6 error ${code})`
}
