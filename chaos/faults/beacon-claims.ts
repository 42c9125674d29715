/**
 * What the beacons can testify beyond "it answers": how long a round trip takes, how much it varies, how much a link
 * carries.
 */
import type { Link, Node, Topology } from '../topology/topology.ts'
import { portOf } from '../topology/topology.ts'
import type { BeaconLine } from '../observers/beacons.ts'
import { messageOf } from '../errors.ts'
import type { Claim } from './fault.ts'

const limitMs = 3_000
const rateLimitMs = 8_000

function beaconAt(topology: Topology, site: string): Node {
  const beacon = topology.nodes.find((node) => node.role === 'beacon' && node.site === site)
  if (!beacon)
    throw new Error(
      `no beacon stands at ${site}, and nobody else can tell: add one (blackstart.role=beacon, with the label blackstart.port.status)`,
    )
  return beacon
}

/**
 * The last round trip over the link, in milliseconds, as each of its two beacons measured it on its existing
 * connection.
 */
async function roundTrips(
  topology: Topology,
  { sites: [a, b] }: Link,
): Promise<{ from: string; to: string; rttMs: number }[]> {
  return Promise.all(
    (
      [
        [a, b],
        [b, a],
      ] as const
    ).map(async ([from, to]) => {
      const response = await fetch(`http://127.0.0.1:${portOf(beaconAt(topology, from), 'status')}/matrix`, {
        signal: AbortSignal.timeout(limitMs),
      })
      const rttMs = ((await response.json()) as BeaconLine).peers[to]?.existing.rttMs
      if (rttMs === null || rttMs === undefined) throw new Error(`${from} has no answer from ${to} yet`)
      return { from, to, rttMs }
    }),
  )
}

/** Looks without throwing: a beacon that does not answer is one more thing seen. */
function claim(look: () => Promise<{ holds: boolean; said: string }>): Claim {
  return {
    async look() {
      const { holds, said } = await look().catch((error: unknown) => ({ holds: false, said: messageOf(error) }))
      return holds ? { holds, evidence: said } : { holds, seen: said }
    },
  }
}

/** A round trip over the link takes at least this long, seen from both ends. */
export function takesLonger(topology: Topology, link: Link, { atLeastMs }: { atLeastMs: number }): Claim {
  return claim(async () => {
    const trips = await roundTrips(topology, link)
    return {
      holds: trips.every(({ rttMs }) => rttMs >= atLeastMs),
      said: trips.map(({ from, to, rttMs }) => `${from} to ${to} and back takes ${Math.round(rttMs)} ms`).join(', '),
    }
  })
}

/** Round trips over the link differ from each other by more than this, since the first look. */
export function takesVarying(topology: Topology, link: Link, { byMs }: { byMs: number }): Claim {
  const seen: number[] = []
  return claim(async () => {
    seen.push(...(await roundTrips(topology, link)).map(({ rttMs }) => rttMs))
    const [least, most] = [Math.min(...seen), Math.max(...seen)]
    return {
      holds: most - least > byMs,
      said: `round trips over ${link.name} take ${Math.round(least)} to ${Math.round(most)} ms`,
    }
  })
}

/**
 * In both directions nothing arrived for this long, at some moment since the first look. For silences too short to be
 * taken for the end.
 */
export function fellSilent(topology: Topology, link: Link, { forMs }: { forMs: number }): Claim {
  const longest = new Map<string, number>()
  return claim(async () => {
    const [a, b] = link.sites
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      const response = await fetch(`http://127.0.0.1:${portOf(beaconAt(topology, to), 'status')}/matrix`, {
        signal: AbortSignal.timeout(limitMs),
      })
      const ageMs = ((await response.json()) as BeaconLine).heard[from] ?? 0
      longest.set(`${from} to ${to}`, Math.max(longest.get(`${from} to ${to}`) ?? 0, ageMs))
    }
    const said = [...longest].map(([way, ms]) => `${way} ${Math.round(ms)} ms`).join(', ')
    return { holds: [...longest.values()].every((ms) => ms >= forMs), said: `nothing was heard for ${said}` }
  })
}

/**
 * A connection over the link carries no more than this (and a fifth, for what was under way), measured by a transfer of
 * a second or so.
 */
export function carriesAtMost(
  topology: Topology,
  link: Link,
  { kilobytesPerSecond }: { kilobytesPerSecond: number },
): Claim {
  const [from, to] = link.sites
  const bytes = Math.min(Math.max(8_192, kilobytesPerSecond * 1_000), 4_000_000)
  return claim(async () => {
    const response = await fetch(
      `http://127.0.0.1:${portOf(beaconAt(topology, to), 'status')}/rate?from=${encodeURIComponent(from)}&bytes=${bytes}`,
      { signal: AbortSignal.timeout(rateLimitMs) },
    )
    if (!response.ok) throw new Error(`the beacon at ${to} answered ${response.status}: ${await response.text()}`)
    const { ms } = (await response.json()) as { ms: number }
    const rate = bytes / ms
    return {
      holds: rate <= kilobytesPerSecond * 1.2,
      said: `${link.name} carries ${rate.toFixed(1)} kB/s from ${from} to ${to}`,
    }
  })
}
