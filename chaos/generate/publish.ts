/** Hands out ports on this machine's loopback address, for the harness alone. */
import { UsageError } from '../errors.ts'
import { loopback } from '../topology/topology.ts'

const most = 99

/** @param prefix the first three digits of every port; the last two count up */
export function publisher(prefix: string): (target: number) => string {
  let count = 0
  return (target) => {
    count++
    if (count > most)
      throw new UsageError(
        `this world needs more than ${most} ports on ${loopback}, one for each node and link that is watched: leave services out, or put sites together`,
      )
    return `${loopback}:${prefix}${String(count).padStart(2, '0')}:${target}`
  }
}
