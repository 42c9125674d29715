/** Reads one site's beacon: which sites answer it over their link, on existing and on fresh connections. */

import { messageOf } from '../errors.ts'
import type { Node } from '../topology/topology.ts'
import { portOf } from '../topology/topology.ts'
import { every, type Instruments, type Observer, Sampler } from './sampler.ts'

/** How often a beacon publishes. */
const intervalMs = 100
/**
 * An edge is down after this long without an answer: five pings on an existing connection, three on fresh ones. Latency
 * does not count, for answers are as frequent on a slow link.
 */
const silenceLimitMs = { existing: 500, fresh: 1_300 }
/** Pings of both kinds together arrive twelve times a second. */
const unheardLimitMs = 600
const connectLimitMs = 1_000

interface Ping {
  ageMs: number | null
  rttMs: number | null
}
export interface BeaconLine {
  site: string
  wallMs: number
  peers: Record<string, { existing: Ping; fresh: Ping }>
  heard: Record<string, number>
}

export function observeBeacon(node: Node, { record, now }: Instruments): Observer {
  const sampler = new Sampler({ record, now, observer: 'beacon', subject: node.name, intervalMs })
  const edges = new Map<string, boolean>()
  const directions = new Map<string, boolean>()
  let reachable: boolean | undefined
  let abort = new AbortController()
  let stopped = false
  const sawReachable = (value: boolean) => {
    if (reachable !== value)
      record({ kind: 'beacon.reachable', site: node.site, reachable: value, uncertaintyMs: sampler.sinceMs })
    reachable = value
  }
  const saw = (line: BeaconLine) => {
    sawReachable(true)
    const nowMs = now()
    for (const [to, ways] of Object.entries(line.peers)) {
      for (const connection of ['existing', 'fresh'] as const) {
        const { ageMs, rttMs } = ways[connection]
        const up = ageMs !== null && ageMs <= silenceLimitMs[connection]
        const key = `${to} ${connection}`
        if (edges.get(key) === up) continue
        edges.set(key, up)
        const lastAnswerMs = ageMs === null ? null : nowMs - ageMs
        record({
          kind: 'beacon.edge',
          from: node.site,
          to,
          connection,
          up,
          lastAnswerMs,
          rttMs,
          uncertaintyMs: up || ageMs === null ? sampler.sinceMs : ageMs,
        })
      }
    }
    for (const from of Object.keys(line.peers)) {
      const ageMs = line.heard[from] ?? null
      const heard = ageMs !== null && ageMs <= unheardLimitMs
      if (directions.get(from) === heard) continue
      directions.set(from, heard)
      record({
        kind: 'beacon.heard',
        at: node.site,
        from,
        heard,
        lastMs: ageMs === null ? null : nowMs - ageMs,
        uncertaintyMs: heard || ageMs === null ? sampler.sinceMs : ageMs,
      })
    }
    sampler.sampled()
    // It publishes by itself; the next line is owed.
    sampler.asked()
  }
  const stop = every(intervalMs, async () => {
    if (stopped) return
    abort = new AbortController()
    sampler.asked()
    try {
      await readStream(`http://127.0.0.1:${portOf(node, 'status')}/stream`, abort, saw)
    } catch (error) {
      if (stopped) return
      sawReachable(false)
      edges.clear()
      directions.clear()
      const cause = error instanceof Error && error.cause ? messageOf(error.cause) : messageOf(error)
      sampler.silent(cause)
      if (/ECONNREFUSED|ECONNRESET|other side closed|terminated/.test(cause)) sampler.sampled()
    }
  })
  return {
    async stop() {
      stopped = true
      stop()
      abort.abort()
      sampler.summarise()
    },
  }
}

async function readStream(url: string, abort: AbortController, on: (line: BeaconLine) => void): Promise<void> {
  const silence = setTimeout(() => abort.abort(new Error(`silent for ${connectLimitMs / 1000} s`)), connectLimitMs)
  try {
    const response = await fetch(url, { signal: abort.signal })
    if (!response.ok || !response.body) throw new Error(`the beacon answered ${response.status}`)
    let rest = ''
    const decoder = new TextDecoder()
    for await (const chunk of response.body) {
      silence.refresh()
      const lines = (rest + decoder.decode(chunk as Uint8Array, { stream: true })).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) if (line) on(JSON.parse(line) as BeaconLine)
    }
    throw new Error('the stream was closed')
  } finally {
    clearTimeout(silence)
  }
}

/** Offset of a beacon's wall clock against ours, halved over the round trip (Cristian's algorithm). */
export async function clockOffset(node: Node): Promise<{ offsetMs: number; roundTripMs: number }> {
  const beforeMs = Date.now()
  const startMs = performance.now()
  const response = await fetch(`http://127.0.0.1:${portOf(node, 'status')}/matrix`, {
    signal: AbortSignal.timeout(connectLimitMs),
  })
  const line = (await response.json()) as BeaconLine
  const roundTripMs = performance.now() - startMs
  return { offsetMs: line.wallMs - (beforeMs + roundTripMs / 2), roundTripMs }
}
