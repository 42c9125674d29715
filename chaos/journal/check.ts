/** Is this value an event? Hand-written for requests, which are the bulk; zod for everything else. */

import type { z } from 'zod'
import { farthestMs } from './limits.ts'
import { outcomes } from './load.ts'
import type { RequestEvent } from './requests.ts'
import { eventSchema, type JournalEvent } from './schema.ts'

export type Checked = { event: JournalEvent } | { reason: string }

/** The event, or why it is none: the field and what was expected of it. */
export function checkEvent(value: unknown): Checked {
  if (typeof value !== 'object' || value === null) return { reason: 'not an object' }
  if ((value as { kind?: unknown }).kind === 'request')
    return checkRequest(value as Record<keyof RequestEvent, unknown>)
  const parsed = eventSchema.safeParse(value)
  return parsed.success ? { event: parsed.data } : { reason: describe(parsed.error, value) }
}

function checkRequest(value: Record<keyof RequestEvent, unknown>): Checked {
  const reason = requestDefect(value)
  return reason === undefined ? { event: value as RequestEvent } : { reason: `request: ${reason}` }
}

/**
 * The demands of the zod schema of `request` (and 32 bits for whole numbers), many times as fast; a test holds the two
 * together.
 */
function requestDefect(value: Record<keyof RequestEvent, unknown>): string | undefined {
  if (!isCount(value.seq)) return 'seq is not a whole number'
  if (!isCount(value.n)) return 'n is not a whole number'
  if (!isMoment(value.atMs)) return 'atMs is no moment of a trial'
  if (!isMoment(value.scheduledMs)) return 'scheduledMs is no moment of a trial'
  if (!isMoment(value.startedMs)) return 'startedMs is no moment of a trial'
  if (!isMoment(value.endedMs)) return 'endedMs is no moment of a trial'
  if (value.op !== 'write' && value.op !== 'read') return 'op is neither write nor read'
  if (!outcomes.includes(value.outcome as RequestEvent['outcome'])) return `outcome is none of ${outcomes.join(', ')}`
  if (!isStatus(value.status)) return 'status is not a whole number'
  if (!isText(value.error)) return 'error is not a text'
  if (!isText(value.node)) return 'node is not a text'
  if (!isText(value.region)) return 'region is not a text'
  if (!isText(value.database)) return 'database is not a text'
  if (value.session !== undefined && !isCount(value.session)) return 'session is not a whole number'
  if (value.versions !== undefined && !isVersions(value.versions))
    return 'versions are not one or two accounts, each with its version'
  return undefined
}

/** The table of requests keeps counts in 32 bits: more than four thousand million arrivals are no trial. */
function isCount(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value <= 0xffff_ffff && Number.isInteger(value)
}

function isVersions(value: unknown): boolean {
  return Array.isArray(value) && (value.length === 2 || value.length === 4) && value.every(isCount)
}

function isStatus(value: unknown): boolean {
  return typeof value === 'number' && (value | 0) === value
}

function isMoment(value: unknown): boolean {
  return typeof value === 'number' && Math.abs(value) <= farthestMs
}

function isText(value: unknown): boolean {
  return value === undefined || typeof value === 'string'
}

function describe(error: z.ZodError, value: object): string {
  const kind = (value as { kind?: unknown }).kind
  const problems = error.issues.slice(0, 3).map((issue) => `${issue.path.join('.') || 'event'}: ${issue.message}`)
  const unknown = error.issues.some(isUnknownKind)
    ? '; this Blackstart does not know that fault kind: use the Blackstart that wrote the journal'
    : ''
  return `${typeof kind === 'string' ? kind : 'no kind'}: ${problems.join('; ')}${unknown}`
}

/** A kind that was added later: in the scenario, or where a fault is asked for. */
function isUnknownKind({ code, path }: z.core.$ZodIssue): boolean {
  const inScenario = code === 'invalid_union' && path.at(-1) === 'kind' && path.includes('faults')
  return inScenario || (code === 'invalid_value' && path.length === 1 && path[0] === 'fault')
}
