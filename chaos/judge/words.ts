/** How the judge writes numbers into sentences. */
import type { EventOf } from '../journal/schema.ts'
import type { Target } from '../scenarios/schema.ts'

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
  return resolved ?? targetName(target)
}

export function targetName(target: Target): string {
  if (target.scope === 'nothing') return 'nothing'
  if (target.scope === 'link') return `link ${target.sites.join('–')}`
  return `${target.scope} ${target.name}`
}

function decimals(value: number, places: number): string {
  return String(Number(value.toFixed(places)))
}
