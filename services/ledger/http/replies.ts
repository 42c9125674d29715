import type { FastifyError, FastifyReply } from 'fastify'
import { ClientLeft, Unavailable } from '../database/within-deadline.ts'
import type { AccountVersion, AnsweredBy, TransferOrder, TransferResult } from '../ledger.ts'

/** An answer other than success, which the client can read: `{code, reason}`. */
export class Refusal extends Error {
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, reason: string) {
    super(reason)
    this.name = 'Refusal'
    this.status = status
    this.code = code
  }
}

/** Names the database node that answered. What the node does not tell is left out. */
export function nameDatabase(reply: FastifyReply, answeredBy: AnsweredBy): void {
  if (answeredBy.node !== null) reply.header('x-blackstart-database', answeredBy.node)
  if (answeredBy.timeline !== null) reply.header('x-blackstart-timeline', answeredBy.timeline)
}

/**
 * Says which versions of which accounts an answer speaks of, `12:4,873:9`: of two answers about one account, the one
 * with the lower version is the older.
 */
export function nameVersions(reply: FastifyReply, versions: readonly AccountVersion[]): void {
  reply.header('x-blackstart-versions', versions.map(({ id, version }) => `${id}:${version}`).join(','))
}

/** The answer to a transfer; for the same key and order always the same status and body. */
export function sendTransfer(reply: FastifyReply, order: TransferOrder, result: TransferResult): FastifyReply {
  nameDatabase(reply, result.answeredBy)
  if (result.position !== undefined) reply.header('x-blackstart-position', result.position)
  if (result.replayed && result.outcome !== 'key_reused') reply.header('idempotent-replayed', 'true')
  if (result.outcome === 'completed') {
    if (result.versions !== undefined) nameVersions(reply, result.versions)
    return reply.code(201).send({ ...order, status: 'completed', createdAt: result.createdAt.toISOString() })
  }
  const reasons = {
    insufficient_funds: `account ${order.from} holds less than ${order.amount}; the transfer is declined for good`,
    unknown_account: `account ${order.from} or ${order.to} does not exist; the transfer is declined for good`,
    key_reused: 'this idempotency key belongs to another transfer',
  }
  const code = result.outcome === 'key_reused' ? 'idempotency_key_reused' : result.outcome
  return reply.code(422).send({ code, reason: reasons[result.outcome] })
}

/**
 * Turns whatever a handler or the framework threw into a status and `{code, reason}`; `undefined` for a bug of ours.
 */
export function refusalFor(error: unknown): Refusal | undefined {
  if (error instanceof Refusal) return error
  // Not 503, which says that this replica takes no more: the routers repeat a write after a 504, and not after a 503.
  if (error instanceof Unavailable) {
    return error.mayHaveTakenEffect
      ? new Refusal(504, 'outcome_unknown', `${error.message}; repeat with the same key to learn the outcome`)
      : new Refusal(504, 'database_unavailable', error.message)
  }
  // Nobody reads this answer.
  if (error instanceof ClientLeft) return new Refusal(499, 'client_left', error.message)
  if (isFrameworkError(error) && error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) {
    return new Refusal(error.statusCode, CODES[error.code] ?? 'bad_request', error.message)
  }
  return undefined
}

const CODES: Partial<Record<string, string>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'content_type_unsupported',
  FST_ERR_CTP_INVALID_JSON_BODY: 'json_invalid',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'json_invalid',
  FST_ERR_BAD_URL: 'url_invalid',
}

function isFrameworkError(error: unknown): error is FastifyError {
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number'
}
