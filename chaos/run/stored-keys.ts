/** Keys that a database holds, and the arrivals that they belong to. */
import { formatRanges, greatestNumber } from '../journal/ranges.ts'
import type { EventOf } from '../journal/schema.ts'

/**
 * Splits keys into arrival numbers, ascending, those stored more than once, and keys with our prefix that the load
 * never makes.
 */
export function sortKeys(
  keys: string[],
  prefix: string,
): { numbers: number[]; duplicated: number[]; unexpected: string[] } {
  const counts = new Map<number, number>()
  const unexpected: string[] = []
  for (const key of keys) {
    const rest = key.slice(prefix.length)
    if (/^(0|[1-9]\d*)$/.test(rest) && Number(rest) <= greatestNumber)
      counts.set(Number(rest), (counts.get(Number(rest)) ?? 0) + 1)
    else unexpected.push(key)
  }
  const numbers = [...counts.keys()].toSorted((a, b) => a - b)
  return { numbers, duplicated: numbers.filter((number) => (counts.get(number) ?? 0) > 1), unexpected }
}

/** What a reading of a database says of the keys that it found there. */
export function foundIn(
  keys: string[],
  prefix: string,
): Pick<EventOf<'audit.read'>, 'rows' | 'writes' | 'duplicated' | 'unexpected'> {
  const { numbers, duplicated, unexpected } = sortKeys(keys, prefix)
  return { rows: keys.length, writes: formatRanges(numbers), duplicated, unexpected }
}
