/** What the scenario of a generated journal promises. */
import { type Objectives, objectivesSchema } from '../../chaos/scenarios/schema.ts'
import type { Random } from './random.ts'

/** Each promise in every other journal or so, with limits near what such outages do. */
export function objectivesOf(random: Random): Partial<Objectives> {
  const perhaps = <K extends keyof Objectives>(name: K, value: Objectives[K]): Partial<Objectives> =>
    random.chance(0.5) ? { [name]: value } : {}
  return {
    ...perhaps('recoverWithinMs', random.of([50, 500, 1000, 3000, 8000, 20_000])),
    ...perhaps('recoverAfterHealMs', random.of([50, 500, 1000, 3000, 8000, 20_000])),
    ...perhaps('lostWrites', random.of([0, 0, 1, 3])),
    ...perhaps('onePrimary', true),
    ...perhaps('failedRequests', random.of([0, 1, 10, 100])),
    ...perhaps('failedReads', random.of([0, 1, 10, 100])),
    ...perhaps('takeOvers', random.of([0, 1, 1, 2])),
    ...perhaps('dcsElections', random.of([0, 0, 1, 2])),
    ...perhaps('slowestRequestMs', random.of([20, 300, 1000, 2000])),
    ...perhaps('writeP99Ms', random.of([20, 300, 1000, 2000])),
    ...perhaps('samePrimary', random.chance(0.4)),
    ...perhaps('staleReadMs', random.of([0, 0, 5, 300, 2000])),
    ...perhaps('monotonicReads', random.chance(0.5)),
    ...gapLimits(random),
    window: {
      ...({} as Objectives['window']),
      successShare: random.of([0.999, 0.999, 0.99, 0.99, 0.95, 0.9, 1, 0]),
      p99Ms: random.of([50, 500, 1000, 2000]),
    },
  }
}

/** Left out where the scenario's schema does not know them yet. */
function gapLimits(random: Random): object {
  const limits = { writeGapMs: 0, readGapMs: 0, stalledMs: 0 }
  const drawn = Object.keys(limits).map(
    (name) => [name, random.chance(0.3), random.of([150, 500, 2000, 8000])] as const,
  )
  const known = drawn.filter(([name, isAsked]) => isAsked && name in objectivesSchema.shape)
  return Object.fromEntries(known.map(([name, , limit]) => [name, limit]))
}
