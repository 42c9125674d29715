/** The beacons: one process at each site. They ping each other over every link and publish what they see. */

import { jsonLinesOf } from '../ndjson.ts'
import type { Node } from '../topology/topology.ts'
import { jsonOf, urlOf } from './http.ts'

const purpose = 'status'

/** Milliseconds since the last answer, and how long that one took; null where there was none yet. */
export interface Ping {
  ageMs: number | null
  rttMs: number | null
}

/** What a beacon sees at one moment. */
export interface BeaconLine {
  site: string
  wallMs: number
  /** By the site that it pings, on either kind of connection. */
  peers: Record<string, { existing: Ping; fresh: Ping }>
  /** Site → milliseconds since a ping of its arrived. */
  heard: Record<string, number>
}

/** What it sees now. */
export function matrixOf(beacon: Node, { limitMs }: { limitMs: number }): Promise<BeaconLine> {
  return jsonOf<BeaconLine>(beacon, purpose, '/matrix', { limitMs })
}

/**
 * Calls `on` with what it sees, ten times a second, until the stream ends, which is an error, or the signal aborts.
 * A beacon that is silent for `silenceMs` has ended.
 */
export async function followBeacon(
  beacon: Node,
  { on, silenceMs, signal }: { on: (line: BeaconLine) => void; silenceMs: number; signal: AbortSignal },
): Promise<void> {
  const silent = new AbortController()
  const silence = setTimeout(() => silent.abort(new Error(`silent for ${silenceMs / 1000} s`)), silenceMs)
  try {
    const response = await fetch(urlOf(beacon, purpose, '/stream'), {
      signal: AbortSignal.any([signal, silent.signal]),
    })
    if (!response.ok || !response.body) throw new Error(`the beacon answered ${response.status}`)
    const lines = jsonLinesOf<BeaconLine>(response.body, { onChunk: () => silence.refresh() })
    for await (const line of lines) on(line)
    throw new Error('the stream was closed')
  } finally {
    clearTimeout(silence)
  }
}

/** How many milliseconds it took to send so many bytes from the beacon at `from` to this one. */
export async function transferMs(
  beacon: Node,
  { from, bytes, limitMs }: { from: string; bytes: number; limitMs: number },
): Promise<number> {
  const url = urlOf(beacon, purpose, `/rate?from=${encodeURIComponent(from)}&bytes=${bytes}`)
  const response = await fetch(url, { signal: AbortSignal.timeout(limitMs) })
  if (!response.ok)
    throw new Error(`the beacon at ${beacon.site} answered ${response.status}: ${await response.text()}`)
  return ((await response.json()) as { ms: number }).ms
}

/** Offset of a beacon's wall clock against ours, halved over the round trip (Cristian's algorithm). */
export async function clockOffset(
  beacon: Node,
  { limitMs }: { limitMs: number },
): Promise<{ offsetMs: number; roundTripMs: number }> {
  const beforeMs = Date.now()
  const startMs = performance.now()
  const { wallMs } = await matrixOf(beacon, { limitMs })
  const roundTripMs = performance.now() - startMs
  return { offsetMs: wallMs - (beforeMs + roundTripMs / 2), roundTripMs }
}
