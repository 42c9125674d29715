/** Options of the benchmarks that measure cost: what is wrong with one is bad usage, in a sentence. */
import { type ParseArgsConfig, parseArgs } from 'node:util'
import { messageOf, UsageError } from '../../chaos/errors.ts'

/** @throws UsageError */
export function optionsOf<const T extends NonNullable<ParseArgsConfig['options']>>(options: T) {
  try {
    return parseArgs({ options }).values
  } catch (error) {
    throw new UsageError(messageOf(error), { cause: error })
  }
}

/** @throws UsageError */
export function wholeNumber(name: string, text: string, least: number): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < least)
    throw new UsageError(`--${name} must be a whole number from ${least} on, not "${text}"`)
  return value
}
