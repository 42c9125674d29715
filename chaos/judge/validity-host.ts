/**
 * Did the machine have enough processor time? If an objective was missed because it did not, that says nothing about
 * the system.
 */
import type { RecordedJournal } from '../journal/recorded.ts'
import type { EventOf } from '../journal/schema.ts'
import { percent } from './figures.ts'
import type { Defect } from './validity-load.ts'

/**
 * Idle before the fault, at the least: to replace a primary, and to start a region again, takes more than to serve.
 * Measured: docs/measurements.md, "A busy host".
 */
const leastIdleShare = 0.36
/**
 * Beside a busy neighbour the same work takes 1.2 to 3 times the time; Blackstart's own load moves it by 0.06, and a
 * second now and then by 0.3 (docs/measurements.md, "How a slow host is told from a slow system").
 */
const slowedFactor = 1.2
/** Of the seconds that count, so many may be slowed. */
const slowedShare = 0.25
/** Where clients were served again sooner, one second must not decide. */
const leastCountedMs = 5_000
/**
 * The last seconds before clients were served again are those that decided when: in a relapse, long after the fault,
 * the relapse.
 */
const mostCountedMs = 10_000
/** Arrivals count as steady from here on; so does the work that they cause. */
const warmUpMs = 2000

type Sample = EventOf<'host.sampled'>

/**
 * Before the fault the host must have been idle for more than a third of its time; later seconds are not checked for
 * this, because an overload that the system itself causes is a finding. In the ten seconds until what was missed was
 * decided, and not before the fault, the host itself must have been as fast as it was at its best in this trial. A miss
 * that was decided in good seconds stands, whatever others there were.
 */
export function hostDefect(
  journal: RecordedJournal,
  { requestedMs, decidedMs }: { requestedMs: number | null; decidedMs: readonly number[] },
): Defect {
  if (requestedMs === null) return undefined
  const samples = journal.of('host.sampled')
  const loadMs = journal.of('load.started').at(0)?.firstArrivalMs ?? requestedMs
  const before = samples.filter(
    (sample) => sample.fromMs >= Math.min(loadMs + warmUpMs, requestedMs - warmUpMs) && sample.atMs <= requestedMs,
  )
  if (before.length === 0) return 'the host was not observed before the fault'
  const idleShare = before.reduce((sum, sample) => sum + sample.idleShare, 0) / before.length
  if (idleShare < leastIdleShare)
    return `the host was idle for only ${percent(idleShare)} of its time before anything was broken (at least ${percent(leastIdleShare)}): it is too small for this world, or busy with something else`
  const best = bestOf(samples)
  let said: Defect
  for (const moment of decidedMs) {
    const endMs = Math.max(moment, requestedMs + leastCountedMs)
    const fromMs = Math.max(requestedMs, endMs - mostCountedMs)
    const slow = slownessOf(
      samples.filter((sample) => sample.atMs > fromMs && sample.fromMs < endMs),
      best,
    )
    if (slow === undefined) return undefined
    said ??= slow
  }
  return said
}

/** Why too many of these seconds were slow; undefined where they were not. */
function slownessOf(counted: readonly Sample[], best: number): Defect {
  const slowed = counted.filter((sample) => slowness(sample, best) > slowedFactor)
  if (slowed.length <= slowedShare * counted.length) return undefined
  const mean = (of: (sample: Sample) => number): number =>
    slowed.reduce((sum, sample) => sum + of(sample), 0) / slowed.length
  const seconds = `in ${slowed.length} of the ${counted.length} seconds that decide`
  const stolen = mean((sample) => sample.stolenShare ?? 0)
  const longer = mean(({ workMs }) => workMs) / best
  return 1 / (1 - stolen) > longer
    ? `${seconds}, the host of this virtual machine gave ${percent(stolen)} of the processors' time to others`
    : `${seconds}, the host needed ${longer.toFixed(1)} times its best time for the same work: something else uses its cores`
}

/**
 * How many times as long everything took: the same work, and the waits while others had the processor. Those are
 * counted only while something here wants to run, so that is what they are a share of.
 */
function slowness({ workMs, idleShare, stolenShare = 0 }: Sample, best: number): number {
  const ran = (1 - idleShare) * (1 - stolenShare)
  return (workMs / best) * (stolenShare === 0 ? 1 : (ran + stolenShare) / ran)
}

/** The time that one sample in ten reached: a single sample may be lucky. */
function bestOf(samples: readonly Sample[]): number {
  const sorted = samples.map((sample) => sample.workMs).toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 10)] ?? 0
}
