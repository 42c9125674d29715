/** Reads one site's beacon: which sites answer it over their link, on existing and on fresh connections. */
import { type BeaconLine, followBeacon, type Ping } from '../stack/beacon.ts'
import { reasonOf } from '../stack/http.ts'
import type { Node } from '../topology/topology.ts'
import { every, type Instruments, type Observer, Sampler } from './sampler.ts'

/** How often a beacon publishes. */
const intervalMs = 100
/**
 * An edge is down after this long without an answer: five pings on an existing connection, three on fresh ones. Latency
 * does not count, since answers are as frequent on a slow link.
 */
const silenceLimitMs = { existing: 500, fresh: 1_300 }
/** Pings of both kinds together arrive twelve times a second. */
const unheardLimitMs = 600
/** A beacon that is silent for so long does not answer. */
const answerLimitMs = 1_000

export function observeBeacon(node: Node, instruments: Instruments): Observer {
  const { record, now } = instruments
  const sampler = new Sampler({ record, now, observer: 'beacon', subject: node.name, intervalMs })
  const changes = new Changes(node.site, instruments, sampler)
  const abort = new AbortController()
  const saw = (line: BeaconLine) => {
    changes.saw(line)
    sampler.sampled()
    // It publishes without being asked, so the next line must come.
    sampler.asked()
  }
  const stop = every(intervalMs, async () => {
    if (abort.signal.aborted) return
    sampler.asked()
    try {
      await followBeacon(node, { on: saw, silenceMs: answerLimitMs, signal: abort.signal })
    } catch (error) {
      if (abort.signal.aborted) return
      changes.lost()
      const reason = reasonOf(error)
      sampler.silent(reason)
      if (/ECONNREFUSED|ECONNRESET|other side closed|terminated/.test(reason)) sampler.sampled()
    }
  })
  return {
    async stop() {
      stop()
      abort.abort()
      sampler.summarise()
    },
  }
}

/** What a beacon said last, so that only what is different is recorded. */
class Changes {
  readonly #site: string
  readonly #instruments: Instruments
  readonly #sampler: Sampler
  readonly #edges = new Map<string, boolean>()
  readonly #directions = new Map<string, boolean>()
  #reachable: boolean | undefined

  constructor(site: string, instruments: Instruments, sampler: Sampler) {
    this.#site = site
    this.#instruments = instruments
    this.#sampler = sampler
  }

  saw(line: BeaconLine): void {
    this.#sawReachable(true)
    const nowMs = this.#instruments.now()
    for (const [to, ways] of Object.entries(line.peers)) {
      this.#sawEdge(to, 'existing', ways.existing, nowMs)
      this.#sawEdge(to, 'fresh', ways.fresh, nowMs)
    }
    for (const from of Object.keys(line.peers)) this.#sawDirection(from, line.heard[from] ?? null, nowMs)
  }

  /** The beacon itself does not answer; what it said holds no more. */
  lost(): void {
    this.#sawReachable(false)
    this.#edges.clear()
    this.#directions.clear()
  }

  #sawReachable(reachable: boolean): void {
    if (this.#reachable !== reachable)
      this.#instruments.record({
        kind: 'beacon.reachable',
        site: this.#site,
        reachable,
        uncertaintyMs: this.#sampler.sinceMs,
      })
    this.#reachable = reachable
  }

  #sawEdge(to: string, connection: 'existing' | 'fresh', { ageMs, rttMs }: Ping, nowMs: number): void {
    const up = ageMs !== null && ageMs <= silenceLimitMs[connection]
    const key = `${to} ${connection}`
    if (this.#edges.get(key) === up) return
    this.#edges.set(key, up)
    this.#instruments.record({
      kind: 'beacon.edge',
      from: this.#site,
      to,
      connection,
      up,
      lastAnswerMs: ageMs === null ? null : nowMs - ageMs,
      rttMs,
      uncertaintyMs: up || ageMs === null ? this.#sampler.sinceMs : ageMs,
    })
  }

  #sawDirection(from: string, ageMs: number | null, nowMs: number): void {
    const heard = ageMs !== null && ageMs <= unheardLimitMs
    if (this.#directions.get(from) === heard) return
    this.#directions.set(from, heard)
    this.#instruments.record({
      kind: 'beacon.heard',
      at: this.#site,
      from,
      heard,
      lastMs: ageMs === null ? null : nowMs - ageMs,
      uncertaintyMs: heard || ageMs === null ? this.#sampler.sinceMs : ageMs,
    })
  }
}
