/**
 * How long each phase may take, from the components' own timeouts, when a fault takes the primary away: dead, frozen or
 * cut off.
 *
 * | phase | at least | at most | why |
 * |---|---|---|---|
 * | detect | lease − loop − 0.5 s | lease + loop | the lease was last renewed up to a loop before the fault; etcd looks for expired leases every 0.5 s, survivors see it with their loop at the latest |
 * | elect | 0 | loop + race | a survivor wakes with its loop and waits for the dead members' REST API |
 * | promote | 0 | 3 loops + retry | promotion, then the dead standbys leave the synchronous set, a loop or two later |
 * | route | (rise − 1) × interval | (max(rise, fall) + 1) × interval | the first good check may come at once, and the rest follow at the interval |
 * | settle | 0 | write deadline | requests that were already held inside answer or are given up |
 *
 * With an arbiter (`arbiter-ms`: the silence after which it hands the leader key over early) detection may take as
 * little as that. `check-fall` and `check-rise` are numbers of checks. A phase whose settings are not labelled has no
 * prediction. The phases count from the fault that took the primary away.
 */
import type { Topology } from '../topology/topology.ts'
import type { Phase } from './verdict.ts'

export type Prediction = NonNullable<Phase['predicted']>
export type PredictedPhases = Record<Phase['name'], Prediction | null>

/** etcd's lessor revokes expired leases every 500 ms (etcd server/lease/lessor.go). */
const leaseScanMs = 500

/** Bounds a phase, in milliseconds, and the setting that the upper bound depends on most. */
export function predictPhases(timeouts: Topology['timeouts']): PredictedPhases {
  const { 'lease-ms': lease, 'loop-ms': loop, 'retry-ms': retry, 'race-ms': race, 'arbiter-ms': arbiter } = timeouts
  const {
    'check-interval-ms': interval,
    'check-fall': fall,
    'check-rise': rise,
    'write-deadline-ms': deadline,
  } = timeouts
  return {
    detect:
      lease === undefined || loop === undefined
        ? null
        : bounds(Math.min(lease - loop - leaseScanMs, arbiter ?? Infinity), { 'lease-ms': lease, 'loop-ms': loop }),
    elect: loop === undefined || race === undefined ? null : bounds(0, { 'race-ms': race, 'loop-ms': loop }),
    promote: loop === undefined || retry === undefined ? null : bounds(0, { 'retry-ms': retry, 'loop-ms': 3 * loop }),
    route:
      interval === undefined || fall === undefined || rise === undefined
        ? null
        : bounds((rise - 1) * interval, { 'check-interval-ms': (Math.max(rise, fall) + 1) * interval }),
    settle: deadline === undefined ? null : bounds(0, { 'write-deadline-ms': deadline }),
  }
}

function bounds(lowMs: number, parts: Record<string, number>): Prediction {
  const [largest] = Object.entries(parts).toSorted(([, a], [, b]) => b - a)
  return {
    lowMs: Math.max(0, lowMs),
    highMs: Object.values(parts).reduce((sum, part) => sum + part, 0),
    dominatedBy: largest?.[0] ?? '',
  }
}
