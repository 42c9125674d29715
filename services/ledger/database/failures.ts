import { DatabaseError } from 'pg'

/** A statement that did not succeed, with what may be concluded from that. */
export class QueryFailed extends Error {
  /** The database cannot serve just now: trying again, perhaps elsewhere, is sensible. */
  readonly unavailable: boolean
  /** The statement may have been committed although it failed here. */
  readonly mayHaveTakenEffect: boolean
  /** The connection is in doubt, or leads to the wrong server. */
  readonly connectionSpoilt: boolean
  /** Whoever else asks now will hardly fare better: nobody is there, or it cannot serve. */
  readonly away: boolean
  /** It is there, and is not the primary: not any more, or not yet. */
  readonly readOnly: boolean

  constructor(message: string, conclusion: Conclusion, options?: { cause: unknown }) {
    super(message, options)
    this.name = 'QueryFailed'
    this.unavailable = conclusion.unavailable
    this.mayHaveTakenEffect = conclusion.mayHaveTakenEffect
    this.connectionSpoilt = conclusion.connectionSpoilt
    this.away = conclusion.away ?? false
    this.readOnly = conclusion.readOnly ?? false
  }
}

/** The commit returned, but said that it had not been replicated as it must be: stored here, perhaps nowhere else. */
export class UnconfirmedCommit extends QueryFailed {
  constructor(warning: string) {
    super(`the database committed without confirming replication: ${warning}`, {
      unavailable: false,
      mayHaveTakenEffect: true,
      connectionSpoilt: true,
    })
    this.name = 'UnconfirmedCommit'
  }
}

interface Conclusion {
  unavailable: boolean
  mayHaveTakenEffect: boolean
  connectionSpoilt: boolean
  away?: boolean
  readOnly?: boolean
}

/**
 * Whether a notice that came with a statement puts its commit in doubt. PostgreSQL reports a cancelled wait for
 * synchronous replication as a warning (01000; 57P01 when the session is being ended) and then as a success. Severities
 * are translated by some servers, codes never, so codes are what counts.
 */
export function isDoubt(notice: { code?: string | undefined; severity?: string | undefined }): boolean {
  return notice.severity === 'WARNING' || /^(01|57)/.test(notice.code ?? '')
}

// https://www.postgresql.org/docs/17/errcodes-appendix.html, by class or by code.
const UNAVAILABLE = [
  '08', // connection exception
  '25006', // read-only transaction: this is not the primary, or not any more
  '28', // role unknown or refused: while a cluster is being set up
  '3D000', // database unknown: the same
  '3F000',
  '42P01',
  '42883', // schema, table, function unknown: not applied yet
  '40', // rolled back: deadlock, serialization
  '53', // out of memory, disk or connections
  '55P03', // lock not available in time
  '57', // shut down, starting up, cancelled
  '58',
  'XX', // system and internal errors of the server
]
// After these the server has not rolled the statement back for certain.
const IN_DOUBT = ['08', '57P', '58', 'XX']
// After these nobody else will fare better just now.
const AWAY = ['08', '25006', '28', '3D000', '57P']
// After these the connection is as good as before.
const CONNECTION_KEPT = ['22', '23', '40', '42', '55', '57014']

/** Time is up, and nothing is known of the database. `sent` tells whether the statement may have reached the server. */
export function late(message: string, sent: boolean): QueryFailed {
  return new QueryFailed(message, { unavailable: true, mayHaveTakenEffect: sent, connectionSpoilt: true })
}

/** Turns what node-postgres threw into a conclusion. `sent` tells whether the statement may have reached the server. */
export function conclude(error: unknown, sent: boolean): QueryFailed {
  if (error instanceof QueryFailed) return error
  const message = error instanceof Error ? describe(error) : String(error)
  const code = error instanceof DatabaseError ? error.code : undefined
  if (code === undefined) {
    // No word from the server: refused, reset, timed out, name not found.
    const conclusion = { unavailable: true, mayHaveTakenEffect: sent, connectionSpoilt: true, away: true }
    return new QueryFailed(message, conclusion, { cause: error })
  }
  const among = (list: readonly string[]): boolean => list.some((prefix) => code.startsWith(prefix))
  const conclusion = {
    unavailable: among(UNAVAILABLE),
    mayHaveTakenEffect: sent && among(IN_DOUBT),
    connectionSpoilt: !among(CONNECTION_KEPT),
    away: among(AWAY),
    readOnly: code === '25006',
  }
  return new QueryFailed(`${message} (${code})`, conclusion, { cause: error })
}

/** An AggregateError, which Node throws when every address of a host refused, has an empty message of its own. */
function describe(error: Error): string {
  if (error instanceof AggregateError && error.message === '') {
    return error.errors.map((each) => (each instanceof Error ? each.message : String(each))).join(', ')
  }
  return error.message
}
