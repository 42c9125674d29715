/**
 * What a k6 script of the user's imports from 'blackstart/k6'. k6 reads one file and knows no packages, so for a trial
 * the module itself is put in front of the script. Here are its types, for editors and for `tsc`.
 */
import { UsageError } from '../errors.ts'

/** One arrival. */
export interface Arrival {
  /** Its number, from 0 on. */
  n: number
  /** Unique in this trial: a write is stored under this key, and looked for under it afterwards. */
  key: string
  /** Where to send the request: one of `clients.enter`, without a slash at its end. */
  entry: string
  /** What is left of the client's patience, as k6 takes it, such as `4980ms`. */
  timeout: string
}

/** What a request function returns: the response of k6/http. */
export interface Answer {
  status: number
  error_code: number
  headers: Record<string, string>
}

/**
 * Makes the request of this arrival, measures it, and reports it to Blackstart. Call it once in the default function.
 * @param what `write`: whether the request writes; `request`: its name, where the world file declares it
 * @param ask sends the request and returns the response; it is called again with the next entry if the first request
 * certainly never left
 */
export function attempt<R extends Answer>(
  _what: { write?: boolean; request?: string },
  _ask: (arrival: Arrival) => R,
): R {
  throw onlyInK6('attempt')
}

/** The key of arrival n, as `attempt` gives it to the request. */
export function keyOf(_n: number): string {
  throw onlyInK6('keyOf')
}

function onlyInK6(name: string): UsageError {
  return new UsageError(
    `${name} of blackstart/k6 works in k6 alone, in the script that "clients.script" of blackstart.yaml names`,
  )
}
