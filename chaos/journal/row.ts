/** A request as numbers, the form between its line and the table's columns. One row is used again and again. */
import { Dictionary } from './dictionary.ts'
import { mostDistinctNames, mostRequestsRecorded } from './limits.ts'
import { outcomes } from './load.ts'
import type { EventOf } from './schema.ts'

export interface RequestRow {
  seq: number
  n: number
  atMs: number
  scheduledMs: number
  startedMs: number
  endedMs: number
  /** 1 for a write. */
  write: number
  /** Place in `outcomes`. */
  outcome: number
  status: number
  /** Codes of `texts`; 0 where the request has none. */
  error: number
  node: number
  region: number
  database: number
  /** Below 0 for none. */
  session: number
  /** How many accounts the answer names, 0 to 2; the first account, its version, and the same of the second. */
  accounts: number
  account: number
  version: number
  otherAccount: number
  otherVersion: number
}

/** Names and errors of one table, by their codes. An error may name a port, and so differ from request to request. */
export class RequestTexts {
  readonly names = new Dictionary({
    what: 'different names of nodes and regions in requests',
    most: mostDistinctNames,
  })
  readonly errors = new Dictionary({ what: 'different errors of requests', most: mostRequestsRecorded })
}

export function emptyRow(): RequestRow {
  // Moments begin as fractions: V8 keeps a field that was a whole number at first in another way.
  return {
    seq: 0,
    n: 0,
    atMs: 0.5,
    scheduledMs: 0.5,
    startedMs: 0.5,
    endedMs: 0.5,
    write: 0,
    outcome: 0,
    status: 0,
    error: 0,
    node: 0,
    region: 0,
    database: 0,
    session: -1,
    accounts: 0,
    account: 0,
    version: 0,
    otherAccount: 0,
    otherVersion: 0,
  }
}

/** The event as a row; its texts get codes. @throws JournalLimitError */
export function rowOf(event: EventOf<'request'>, { names, errors }: RequestTexts): RequestRow {
  const { versions = [] } = event
  const [account = 0, version = 0, otherAccount = 0, otherVersion = 0] = versions
  return {
    seq: event.seq,
    n: event.n,
    atMs: event.atMs,
    scheduledMs: event.scheduledMs,
    startedMs: event.startedMs,
    endedMs: event.endedMs,
    write: event.op === 'write' ? 1 : 0,
    outcome: outcomes.indexOf(event.outcome),
    status: event.status,
    error: errors.code(event.error),
    node: names.code(event.node),
    region: names.code(event.region),
    database: names.code(event.database),
    session: event.session ?? -1,
    accounts: versions.length / 2,
    account,
    version,
    otherAccount,
    otherVersion,
  }
}
