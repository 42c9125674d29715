/**
 * One, at the witness. When the primary is lost to its own region, to the other one and to the witness, it takes the leader key from it and
 * lets Patroni elect another at once, instead of when the lease has ended. Every decision is a JSON line on stdout, with its evidence.
 * Why that is safe, also where it errs: docs/arbiter.md.
 *
 *   GET /status   mode, primary, last decision
 *
 * ARBITER=on|observe|off   act; say what it would do; do nothing
 * SITE=witness PORT=7303 ETCD=http://etcd-witness:2383 PREFIX=/service/blackstart/
 * DATABASES=east/pg-east-a:8401,… LOOKOUTS=east/lookout-east:7301,west/lookout-west:7302
 * DETECT_MS=600       the silence after which it acts
 * CORROBORATION=off   one site's word is enough: a planted defect, never a setting
 */
import { createServer } from 'node:http'
import { Asker } from './asker.ts'
import { decide, type Decision, type Evidence, type Limits } from './decide.ts'
import { Etcd, type Snapshot } from './etcd.ts'
import { Lookout } from './lookouts.ts'
import { milliseconds, modeOf, parsePlaces, required, type Place } from './settings.ts'
import { Stalls } from './stalls.ts'

const tickMs = 50
const askMs = 75
/** The primary's name is read from the nearest DCS member so often; before a decision, from a majority. */
const rereadMs = 500
/** A suspicion is repeated to the lookouts so often, and over when its cause was absent for as long. */
const repeatMs = 500
/** After it acted it leaves everything to Patroni for this long. */
const restMs = 15_000
/** A handed-over key must have a new holder within this time, or the log says that it has none. */
const takenLimitMs = 5_000

class Arbiter {
  readonly #site: string
  readonly #limits: Limits
  readonly #act: boolean
  readonly #etcd: Etcd
  readonly #lookouts: Lookout[]
  readonly #databases: { place: Place; asker: Asker }[]
  readonly #stalls = new Stalls()
  #seen: Snapshot | undefined
  #primaryTimeline: number | null = null
  #suspect: { name: string; sinceMs: number; causeAtMs: number; toldAtMs: number } | undefined
  #deciding = false
  #restUntilMs = 0
  #lastSaid = ''
  lastDecision: (Decision & { at: string }) | undefined

  constructor({ site, limits, act, etcd, lookouts, databases }: { site: string; limits: Limits; act: boolean; etcd: Etcd; lookouts: Place[]; databases: Place[] }) {
    this.#site = site
    this.#limits = limits
    this.#act = act
    this.#etcd = etcd
    this.#lookouts = lookouts.map((place) => new Lookout(place))
    this.#databases = databases.map((place) => ({ place, asker: new Asker({ host: place.name, port: place.port }) }))
  }

  get leader(): string | null {
    return this.#seen?.cluster.leader ?? null
  }

  start(): void {
    for (const lookout of this.#lookouts) lookout.start()
    setInterval(() => void this.#reread(), rereadMs)
    setInterval(() => this.#tick(), tickMs)
    setInterval(() => { if (this.#suspect) this.#askerOf(this.#suspect.name)?.ask('/liveness') }, askMs)
  }

  async #reread(): Promise<void> {
    try {
      this.#seen = await this.#etcd.read({ stale: true })
    } catch {
      // A DCS that does not answer is found out by the read that a decision needs.
    }
    const home = this.#homeOf(this.leader)
    const timeline = this.leader === null ? undefined : home?.line?.nodes[this.leader]?.report?.timeline
    if (typeof timeline === 'number') this.#primaryTimeline = timeline
  }

  #tick(): void {
    const now = performance.now()
    const { leader } = this
    if (now < this.#restUntilMs || leader === null) return void (this.#suspect = undefined)
    if (this.#suspect && (this.#suspect.name !== leader || now - this.#suspect.causeAtMs > repeatMs)) {
      this.#say({ event: 'suspicion over', primary: this.#suspect.name, afterMs: Math.round(now - this.#suspect.sinceMs) })
      this.#suspect = undefined
    }
    const cause = this.#causeAgainst(leader)
    if (cause) this.#raise(leader, cause, now)
    if (this.#suspect && !this.#deciding) void this.#judge(this.#suspect.name)
  }

  /** Why to look closely; this alone decides nothing. */
  #causeAgainst(leader: string): string | undefined {
    const home = this.#homeOf(leader)
    if (!home) return undefined
    const suspectMs = this.#limits.detectMs / 3
    const seen = home.line?.nodes[leader]
    if (!home.open || home.ageMs > Math.max(150, suspectMs)) return `${home.place.name} is silent`
    if (seen?.refused) return `${leader} refuses connections`
    if (seen && (seen.silentMs ?? Infinity) > 250 + suspectMs) return `${leader} is silent`
    return undefined
  }

  #raise(leader: string, cause: string, now: number): void {
    if (!this.#suspect) {
      this.#suspect = { name: leader, sinceMs: now, causeAtMs: now, toldAtMs: -Infinity }
      this.#lastSaid = ''
      this.#askerOf(leader)?.restart()
      this.#say({ event: 'suspicion', primary: leader, cause })
    }
    this.#suspect.causeAtMs = now
    if (now - this.#suspect.toldAtMs < repeatMs) return
    this.#suspect.toldAtMs = now
    for (const lookout of this.#lookouts) lookout.suspect(leader)
  }

  async #judge(name: string): Promise<void> {
    if (!this.#seen) return
    // First by what is at hand: a majority of the DCS is asked only where all else speaks for it.
    const first = decide(this.#evidence(name, this.#seen), this.#limits)
    if (!first.act) return this.#decided(first)
    this.#deciding = true
    try {
      const snapshot = await this.#etcd.read()
      const evidence = this.#evidence(name, snapshot)
      const decision: Decision = snapshot.cluster.leader === name ? decide(evidence, this.#limits) : { act: false, because: `${name} lost the leader key meanwhile` }
      this.#decided(decision, evidence)
      if (decision.act) await this.#handOver(name, decision, snapshot)
    } catch (error) {
      this.#decided({ act: false, because: `the DCS does not answer with a majority: ${String(error)}` })
    } finally {
      this.#deciding = false
    }
  }

  async #handOver(name: string, { sync }: Decision & { act: true }, snapshot: Snapshot): Promise<void> {
    this.#restUntilMs = performance.now() + restMs
    if (!this.#act) return
    const value = JSON.stringify({ leader: sync.leader, sync_standby: sync.standbys.join(','), quorum: sync.quorum })
    const startedMs = performance.now()
    const done = await this.#etcd.handOver(snapshot, value)
    this.#say({ event: done ? 'handed over' : 'not handed over: the primary or somebody else wrote meanwhile', primary: name, tookMs: Math.round(performance.now() - startedMs) })
    if (done) void this.#watchSuccession(name, startedMs)
  }

  /** Says who took the key. Nobody is a matter for Patroni, which goes on trying: as it would have after the lease. */
  async #watchSuccession(name: string, startedMs: number): Promise<void> {
    let holder: string | undefined
    while (holder === undefined && performance.now() - startedMs < takenLimitMs) {
      await new Promise((resolve) => setTimeout(resolve, tickMs))
      holder = (await this.#etcd.read({ stale: true }).catch(() => undefined))?.cluster.leader
    }
    const afterMs = Math.round(performance.now() - startedMs)
    if (holder === undefined) this.#say({ event: 'nobody took the leader key', afterMs })
    else this.#say({ event: holder === name ? 'the primary was there after all and took the key back' : 'leader key taken', by: holder, afterMs })
  }

  #evidence(name: string, { cluster }: Snapshot): Evidence {
    const home = this.#homeOf(name)
    const own = this.#askerOf(name)
    const seenAtHome = home?.line?.nodes[name]
    const others = this.#lookouts.filter((lookout) => lookout !== home).map((lookout) => {
      const seen = lookout.line?.nodes[name]
      return { site: lookout.place.site, ageMs: lookout.ageMs, silentMs: seen?.vainMs ?? 0, asked: seen?.asked ?? 0, stalledMs: lookout.line?.stalledMs ?? 0 }
    })
    return {
      cluster, primaryTimeline: this.#primaryTimeline,
      views: [{ site: this.#site, ageMs: 0, silentMs: own?.vainMs ?? 0, asked: own?.asked ?? 0, stalledMs: this.#stalls.worstMs }, ...others],
      home: {
        site: home?.place.site ?? '', ageMs: home?.ageMs ?? 0, asked: seenAtHome?.asked ?? 0, stalledMs: home?.line?.stalledMs ?? 0,
        // What it last said of the primary is old when it said it; only where it still speaks is that the primary's silence, not its own.
        silentMs: (home?.ageMs ?? 0) + (home && home.ageMs <= this.#limits.freshMs ? seenAtHome?.silentMs ?? 0 : 0),
      },
      standbys: this.#databases.filter(({ place }) => place.name !== name).flatMap(({ place }) => {
        const lookout = this.#lookouts.find((one) => one.place.site === place.site)
        const seen = lookout?.line?.nodes[place.name]
        if (!lookout || !seen?.report) return []
        const { state, role, timeline, receivedBytes } = seen.report
        return [{
          name: place.name, ageMs: lookout.ageMs + (seen.silentMs ?? Infinity), state, role, timeline, receivedBytes,
          streamedMs: seen.streamedMs === null ? null : lookout.ageMs + seen.streamedMs,
        }]
      }),
    }
  }

  #decided(decision: Decision, evidence?: Evidence): void {
    this.lastDecision = { ...decision, at: new Date().toISOString() }
    if (decision.act) this.#say({ event: this.#act ? 'decision' : 'decision (observing only)', ...decision, evidence })
    // The same doubt is told once.
    else if (decision.because.replaceAll(/\d+/g, '') !== this.#lastSaid) this.#say({ event: 'decision', ...decision })
    this.#lastSaid = decision.because.replaceAll(/\d+/g, '')
  }

  #say(line: Record<string, unknown>): void {
    console.log(JSON.stringify({ at: new Date().toISOString(), ...line }))
  }

  #homeOf(name: string | null): Lookout | undefined {
    const site = this.#databases.find(({ place }) => place.name === name)?.place.site
    return this.#lookouts.find(({ place }) => place.site === site)
  }

  #askerOf(name: string): Asker | undefined {
    return this.#databases.find(({ place }) => place.name === name)?.asker
  }
}

function main(): void {
  const mode = modeOf(process.env['ARBITER'])
  const detectMs = milliseconds('DETECT_MS', 600, { min: 100, max: 60_000 })
  const arbiter = new Arbiter({
    site: required('SITE'), act: mode === 'on', limits: { detectMs, freshMs: 300, asks: 3, agree: process.env['CORROBORATION'] === 'off' ? 'any' : 'all' },
    etcd: new Etcd({ url: required('ETCD'), prefix: required('PREFIX'), limitMs: 1_000 }),
    lookouts: parsePlaces('LOOKOUTS', process.env['LOOKOUTS']), databases: parsePlaces('DATABASES', process.env['DATABASES']),
  })
  if (mode !== 'off') arbiter.start()
  console.log(JSON.stringify({ at: new Date().toISOString(), event: 'started', mode, detectMs }))
  createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(`${JSON.stringify({ mode, detectMs, primary: arbiter.leader, lastDecision: arbiter.lastDecision ?? null })}\n`)
  }).listen(Number(required('PORT')), '0.0.0.0')
  process.once('SIGTERM', () => process.exit(0))
}

if (import.meta.main) main()
