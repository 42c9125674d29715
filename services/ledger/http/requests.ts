import type { TransferOrder } from '../ledger.ts'
import { isPosition } from '../ledger.ts'
import { Refusal } from './replies.ts'

// As much as all accounts hold together at the start; far below where a number stops being exact.
export const AMOUNT_MAX = 1_000_000_000
export const ACCOUNT_ID_MAX = 2_147_483_647
export const BODY_MAX_BYTES = 4_096

const KEY = /^[A-Za-z0-9._:-]{1,128}$/
const SESSION = /^[A-Za-z0-9._-]{1,64}$/
const FIELDS = ['from', 'to', 'amount'] as const

/** @throws Refusal */
export function parseKey(value: unknown, where: string): string {
  if (value === undefined) throw new Refusal(400, 'idempotency_key_missing', `${where} is required`)
  if (typeof value !== 'string' || !KEY.test(value)) {
    throw new Refusal(400, 'idempotency_key_invalid', `${where} must be 1 to 128 of [A-Za-z0-9._:-]`)
  }
  return value
}

/** @throws Refusal */
export function parseOrder(key: string, body: unknown): TransferOrder {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw invalid('the body must be a JSON object')
  const unknown = Object.keys(body).find((name) => !FIELDS.some((field) => field === name))
  if (unknown !== undefined) throw invalid(`the body may only hold ${FIELDS.join(', ')}`)
  const fields: Partial<Record<string, unknown>> = { ...body }
  const from = positiveInteger(fields['from'], 'from', ACCOUNT_ID_MAX)
  const to = positiveInteger(fields['to'], 'to', ACCOUNT_ID_MAX)
  const amount = positiveInteger(fields['amount'], 'amount', AMOUNT_MAX)
  if (from === to) throw invalid('from and to must differ')
  return { key, from, to, amount }
}

/**
 * The position that a session has seen, from its header: `0/0` for a session that begins, undefined for a client that
 * has none.
 * @throws Refusal
 */
export function parsePosition(value: unknown): string | undefined {
  if (value === undefined) return undefined
  if (typeof value !== 'string' || !isPosition(value)) {
    throw new Refusal(
      400,
      'position_invalid',
      'the header X-Blackstart-Position must be what an earlier answer gave, or 0/0',
    )
  }
  return value
}

/**
 * The token of a session whose position the service keeps, from its header; undefined for a client that has none.
 * @throws Refusal
 */
export function parseSession(value: unknown): string | undefined {
  if (value === undefined) return undefined
  if (typeof value !== 'string' || !SESSION.test(value)) {
    throw new Refusal(400, 'session_invalid', 'the header X-Blackstart-Session must be 1 to 64 of [A-Za-z0-9._-]')
  }
  return value
}

/**
 * How long a request has been on its way, by the header in which a router says when it came, in ms since 1970:
 * `t=1790000000000`. 0 where none says.
 */
export function ageOf(start: unknown): number {
  const [, sinceMs] = typeof start === 'string' ? (/^t=(\d{13})$/.exec(start) ?? []) : []
  return sinceMs === undefined ? 0 : Math.max(0, Date.now() - Number(sinceMs))
}

/** @throws Refusal */
export function parseAccountId(text: string): number {
  const id = /^[1-9]\d{0,9}$/.test(text) ? Number(text) : Number.NaN
  if (!(id <= ACCOUNT_ID_MAX)) {
    throw new Refusal(400, 'account_id_invalid', `the account's id must be a whole number from 1 to ${ACCOUNT_ID_MAX}`)
  }
  return id
}

function positiveInteger(value: unknown, name: string, max: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > max) {
    throw invalid(`${name} must be a whole number from 1 to ${max}`)
  }
  return value
}

function invalid(reason: string): Refusal {
  return new Refusal(400, 'transfer_invalid', reason)
}
