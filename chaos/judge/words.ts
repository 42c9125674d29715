/** How the judge writes numbers into sentences. */
import type { EventOf } from '../journal/schema.ts'
import type { FaultKind } from '../scenarios/schema.ts'
import { targetWords } from '../topology/target.ts'

/** 22413 → "22.413 s", 800 → "800 ms". */
export function duration(ms: number): string {
  if (Math.abs(ms) >= 1000) return `${decimals(ms / 1000, 3)} s`
  return `${decimals(ms, Math.abs(ms) < 10 ? 1 : 0)} ms`
}

/** A moment of the trial: 4981 → "+4.981 s". */
export function moment(ms: number): string {
  return `+${(ms / 1000).toFixed(3)} s`
}

export function percent(share: number): string {
  return `${decimals(share * 100, 1)} %`
}

/** 1, "write" → "1 write"; 3, "write" → "3 writes". */
export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`
}

/** The first few of a long list, and that there are more. */
export function some(items: readonly (string | number)[], limit = 5): string {
  const shown = items.slice(0, limit).join(', ')
  return items.length > limit ? `${shown}, … ${items.length - limit} more` : shown
}

/** What a fault acted on, by name where the journal has it. */
export function faultTarget({ resolved, target }: EventOf<'fault.requested'>): string {
  return resolved ?? targetWords(target)
}

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
  const told = Object.entries(options).map(([option, value]) => `${option} ${optionValue(value)}`)
  const name = kind === 'none' ? 'none, the control' : `${kind} ${target}`
  return told.length === 0 ? name : `${name} (${told.join(', ')})`
}

/** The same from the event that asked for it. */
export function requestedFault(event: EventOf<'fault.requested'>): string {
  return faultName({ kind: event.fault, target: faultTarget(event), with: event.with })
}

function optionValue(value: unknown): string {
  if (Array.isArray(value)) return value.map(optionValue).join(' and ')
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function decimals(value: number, places: number): string {
  return String(Number(value.toFixed(places)))
}
