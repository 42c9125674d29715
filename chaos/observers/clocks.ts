/**
 * Watches the clocks. Requests have times of the load generator's wall clock, placed in the trial by the harness's wall
 * clock at its start; everything else has the harness's monotonic clock. So the harness's wall clock must not jump, and
 * the load generator's must agree with it.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { Engine } from '../engine/engine.ts'
import type { Clock } from '../journal/clock.ts'
import { clockOffset } from '../stack/beacon.ts'
import { type Node, nodesOf, type Topology } from '../topology/topology.ts'
import type { Instruments, Observer } from './sampler.ts'

/** Free, and short enough for a clock that is set and set back. */
const stepEveryMs = 20
const recordEveryMs = 1_000
/** A beacon that takes longer to answer shows nothing about its clock. */
const beaconLimitMs = 1_000
/** The engine takes some ten milliseconds to return its time, and asks other programs for it. */
const engineEveryMs = 5_000
/** Between reading the two clocks we may have had to wait for a processor; such a reading says nothing. */
const atOnceMs = 1

/**
 * One comparison with the other clock: at half of the round trip (Cristian's algorithm), so true to within half of
 * that.
 */
export interface Comparison {
  offsetMs: number
  roundTripMs: number
  by: string
}

/**
 * Containers have no wall clock of their own: all containers of an engine share one. The shortest round trip is the
 * most exact.
 */
export interface ClockOptions {
  topology: Topology
  engine: Engine
  clock: Clock
  record: Instruments['record']
  wallMs?: () => number
}

export function observeClocks({ topology, engine, clock, record, wallMs = Date.now }: ClockOptions): Observer {
  const beacons = nodesOf(topology, 'beacon')
  const stop = new AbortController()
  let worstStepMs = 0
  const step = () => {
    const stepMs = stepNow(clock, wallMs)
    if (stepMs !== undefined && Math.abs(stepMs) > Math.abs(worstStepMs)) worstStepMs = stepMs
  }
  const look = async () => {
    const seen = (await compared(beacons)) ?? (await engineCompared(engine))
    step()
    record({
      kind: 'load.clock',
      offsetMs: seen?.offsetMs ?? null,
      roundTripMs: seen?.roundTripMs ?? null,
      stepMs: worstStepMs,
      ...(seen && { by: seen.by }),
    })
    worstStepMs = 0
  }
  const timer = setInterval(step, stepEveryMs)
  const looking = (async () => {
    while (!stop.signal.aborted) {
      await look()
      await delay(beacons.length > 0 ? recordEveryMs : engineEveryMs, undefined, { signal: stop.signal }).catch(
        () => {},
      )
    }
  })()
  return {
    async stop() {
      stop.abort()
      await looking
      await look()
      clearInterval(timer)
    },
  }
}

/**
 * How far our wall clock is from where it should be by the monotonic one; undefined where they were not read in one go.
 */
export function stepNow(clock: Clock, wallMs: () => number = Date.now): number | undefined {
  const beforeMs = clock.nowMs()
  const wall = wallMs()
  const afterMs = clock.nowMs()
  return afterMs - beforeMs > atOnceMs ? undefined : wall - clock.wallStartMs - (beforeMs + afterMs) / 2
}

async function compared(beacons: readonly Node[]): Promise<Comparison | undefined> {
  const answers = await Promise.all(
    beacons.map((beacon) =>
      clockOffset(beacon, { limitMs: beaconLimitMs }).then(
        (seen): Comparison => ({ ...seen, by: beacon.name }),
        () => undefined,
      ),
    ),
  )
  return answers.filter((answer) => answer !== undefined).toSorted((a, b) => a.roundTripMs - b.roundTripMs)[0]
}

/** Where no beacon answers: the engine's own time, which is that of all its containers. */
async function engineCompared(engine: Engine): Promise<Comparison | undefined> {
  const startMs = performance.now()
  const wall = Date.now()
  const theirs = await engine.wallMs()
  const roundTripMs = performance.now() - startMs
  return theirs === undefined
    ? undefined
    : { offsetMs: theirs - (wall + roundTripMs / 2), roundTripMs, by: 'the engine' }
}
