/**
 * Where an outage ended, and how closely that can be told.
 *
 * In an outage that hits only some requests (those that write, or that met the dead region) the last bad request comes
 * some time before the end, and the thinner the outage, the longer. So the end that is found is a little early, and
 * says by how much it may be: `resolution`. What it covers is measured: docs/measurements.md, "The end of a partial
 * outage" (`node bench/partial.ts`).
 */
import { at } from './arrivals.ts'

/** So many bad requests at the end of an outage say how dense it was. */
const tailRequests = 50
/** A pause of more than two whole windows separates two outages. */
const pauseWindows = 2
/** The outage goes on as long as its bad requests follow one another within five times their mean distance. */
const meanDistances = 5
/** The chance that the outage went on longer than `resolution` without another bad request. */
const unseenChance = 0.01

export interface Tail {
  /** Index of the first arrival behind the outage. */
  firstGood: number
  /** In arrivals: so long may the outage have gone on without another bad request. One, where every request failed. */
  resolution: number
}

/**
 * Looks through the last bad window; what fails in the good ones after it is stray. The running sum of (bad − drift)
 * rises while the outage lasts, even if only some requests fail, and falls afterwards; its last peak is the outage's end
 * (Page's CUSUM as an estimate of the change point; the drift is a fifth of the outage's share of bad requests, so that
 * it does not end at a mere lull). For an outage in which every request fails, that is the first success.
 */
export function outageTail(
  bad: Uint8Array,
  { first, lastBadWindow, windowEnd }: Record<'first' | 'lastBadWindow' | 'windowEnd', number>,
): Tail {
  const pause = pauseWindows * (windowEnd - lastBadWindow)
  const middle = density(bad, { first, last: middleOf(bad, lastBadWindow, windowEnd), pause })
  const { gaps, span } = middle.gaps > 0 ? middle : density(bad, { first, last: windowEnd - 1, pause })
  const drift = gaps / span / meanDistances
  let sum = 0
  let peak = 0
  let firstGood = lastBadWindow + 1
  for (let i = lastBadWindow; i < windowEnd; i++) {
    sum += at(bad, i) - drift
    if (sum >= peak) {
      peak = sum
      firstGood = i + 1
    }
  }
  return { firstGood, resolution: resolutionOf(density(bad, { first, last: firstGood - 1, pause }), bad.length) }
}

/** Distances between neighbouring bad requests, how many and how long in all: their mean is span / gaps. */
interface Density {
  gaps: number
  span: number
}

/** Of the last bad requests up to `last`, back to a pause or to the first request after the fault. */
function density(bad: Uint8Array, { first, last, pause }: Record<'first' | 'last' | 'pause', number>): Density {
  let found = 0
  let latest = last
  let earliest = last
  for (let i = last; i >= first && found < tailRequests && (found === 0 || earliest - i <= pause); i--) {
    if (at(bad, i) === 0) continue
    if (found === 0) latest = i
    earliest = i
    found++
  }
  return found < 2 ? { gaps: 0, span: 1 } : { gaps: found - 1, span: latest - earliest }
}

/** The middle one of the window's bad requests; those of its second half may be strays of better times. */
function middleOf(bad: Uint8Array, start: number, end: number): number {
  const half = Math.ceil(bad.subarray(start, end).reduce((sum, one) => sum + one, 0) / 2)
  let seen = 0
  for (let i = start; i < end; i++) {
    seen += at(bad, i)
    if (seen === half) return i
  }
  return start
}

/**
 * So many good requests in a row are as good as impossible while the outage lasts. Its share of bad requests is known
 * only from those that were seen, so the chance is that of the beta-geometric distribution (a share with Jeffreys'
 * prior, Beta(½, ½), after `gaps` bad requests in `span`): the fewer they were, the longer.
 */
function resolutionOf({ gaps, span }: Density, limit: number): number {
  const hits = gaps + 0.5
  let misses = span - gaps + 0.5
  let chance = 1
  let arrivals = 0
  // A product of binary fractions may miss the limit by a hair.
  while (chance > unseenChance + 1e-9 && arrivals < limit) {
    chance *= misses / (hits + misses)
    misses++
    arrivals++
  }
  return Math.max(1, arrivals)
}
