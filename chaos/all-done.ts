/** Work on many things, of which some may fail. */
import { EnvironmentError, messageOf } from './errors.ts'

/** Keeps all results that succeeded, and names everything that failed. */
export function allDone<T>(doing: string, results: PromiseSettledResult<T>[], names: string[]): T[] {
  const failed = failuresIn(results, names)
  if (failed.length > 0) throw new EnvironmentError(`${doing} failed for ${failed.join('; ')}`)
  return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
}

/** What failed and why, "link-a: gave up after 2.0 s …", in the order of the results. */
export function failuresIn(results: readonly PromiseSettledResult<unknown>[], names: readonly string[]): string[] {
  return results.flatMap((result, index) =>
    result.status === 'rejected' ? [`${names[index]}: ${messageOf(result.reason)}`] : [],
  )
}
