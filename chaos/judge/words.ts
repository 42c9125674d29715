/** How the judge names things in its sentences: lists, and faults. */
import type { EventOf } from '../journal/schema.ts'
import type { FaultKind } from '../scenarios/schema.ts'
import { targetWords } from '../topology/target.ts'
import { duration, moment } from './figures.ts'

/** The first few of a long list, and that there are more. */
export function some(items: readonly (string | number)[], limit = 5): string {
  const shown = items.slice(0, limit).join(', ')
  return items.length > limit ? `${shown}, … ${items.length - limit} more` : shown
}

/** What a fault acted on, by name where the journal has it. */
export function faultTarget({ resolved, target }: EventOf<'fault.requested'>): string {
  return resolved ?? targetWords(target)
}

/** The name of a target that is nothing: what is done to it is a control. */
export const nothing = 'nothing'

/** A fault in words: "kill region east", "slow link east-west (latencyMs 80)". */
export function faultName({
  kind,
  target,
  with: options = {},
}: {
  kind: FaultKind
  target: string
  with?: Record<string, unknown> | undefined
}): string {
  const name = target === nothing ? `${kind}, the control` : `${kind} ${target}`
  return Object.keys(options).length === 0 ? name : `${name} (${optionWords(options)})`
}

/** The same from the event that asked for it. */
export function requestedFault(event: EventOf<'fault.requested'>): string {
  return faultName({ kind: event.fault, target: faultTarget(event), with: event.with })
}

/** Two faults may be of one kind and one target: then the moment distinguishes them. */
export function nameAmong(
  faults: readonly { requested: EventOf<'fault.requested'> }[],
  { requested }: { requested: EventOf<'fault.requested'> },
): string {
  return faults.length === 1
    ? requestedFault(requested)
    : `${requestedFault(requested)}, requested at ${moment(requested.atMs)},`
}

/** The options of a fault in words: "latencyMs 80, jitterMs 5". */
export function optionWords(options: Record<string, unknown> | undefined): string {
  const told = Object.entries(options ?? {}).map(([option, value]) => `${option} ${optionValue(value)}`)
  return told.length === 0 ? 'none' : told.join(', ')
}

function optionValue(value: unknown): string {
  if (Array.isArray(value)) return value.map(optionValue).join(' and ')
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/**
 * "; for up to 1.8 s no write was acknowledged", to stand behind what became of the service: neither "uninterrupted" nor
 * a time of recovery tells it. Not that writes waited so long: single ones may have waited longer, among others that
 * did not. Empty where it was not measured.
 */
export function waitedWords({
  writeGapMs,
  writeGapOpen,
}: {
  writeGapMs: number | null
  writeGapOpen: boolean
}): string {
  if (writeGapMs === null) return ''
  return `; for ${writeGapOpen ? 'at least' : 'up to'} ${duration(writeGapMs)} no write was acknowledged`
}
