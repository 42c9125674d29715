/**
 * One, at the witness. When the primary is lost to its own region, to the other one and to the witness, it hands the
 * leader key to a standby that has every acknowledged write, at once instead of when the lease has ended. In a planned
 * change of primary it does so as soon as the old one has shut down. Every decision is a JSON line on stdout, with its
 * evidence. Why that is safe, also where it errs: docs/arbiter.md.
 *
 *   GET /status   mode, primary, last decision
 *
 * ARBITER=on|observe|off   act; say what it would do; do nothing
 * SITE=witness PORT=7303 ETCD=http://etcd-witness:2383 PREFIX=/service/blackstart/
 * DCS_ARBITER_PASSWORD=…   of etcd's user "arbiter"; none where etcd asks nobody
 * DATABASES=east/pg-east-a:8401,… LOOKOUTS=east/lookout-east:7301,west/lookout-west:7302
 * DETECT_MS=600       the silence after which it acts
 * CORROBORATION=off   one site's word is enough: a planted defect, never a setting
 */
import { createServer } from 'node:http'
import { type Decision, decide, type Evidence, type Limits, no } from './decide.ts'
import { Etcd, type Snapshot } from './etcd.ts'
import { decidePlanned, type Planned } from './planned.ts'
import { milliseconds, modeOf, parsePlaces, required } from './settings.ts'
import { repeatMs, Sight } from './sight.ts'

const tickMs = 50
const askMs = 75
/**
 * How often the primary's name, and a request to change it, are read from the nearest DCS member. Before a decision
 * they are read from a majority.
 */
const rereadMs = 400
/** For this long after it acted, the arbiter leaves everything to Patroni. */
const restMs = 15_000
/**
 * The same after it helped in a planned change: on a busy machine the new primary has no time to answer while all its
 * clients arrive.
 */
const plannedRestMs = 8_000
/** The node that got the key must have passed the gate within this time, or the log says that no node has. */
const signedLimitMs = 5_000

class Arbiter {
  readonly #limits: Limits
  readonly #act: boolean
  readonly #etcd: Etcd
  readonly #sight: Sight
  #seen: Snapshot | undefined
  #suspect: { name: string; sinceMs: number; causeAtMs: number } | undefined
  #deciding = false
  #restUntilMs = 0
  #lastSaid = ''
  lastDecision: ((Decision | Planned) & { at: string }) | undefined

  constructor({ sight, limits, act, etcd }: { sight: Sight; limits: Limits; act: boolean; etcd: Etcd }) {
    this.#sight = sight
    this.#limits = limits
    this.#act = act
    this.#etcd = etcd
  }

  get leader(): string | null {
    return this.#seen?.cluster.leader ?? null
  }

  start(): void {
    this.#sight.start()
    setInterval(() => void this.#reread(), rereadMs)
    setInterval(() => this.#tick(), tickMs)
    setInterval(() => {
      if (this.#suspect) this.#sight.ask(this.#suspect.name)
    }, askMs)
  }

  async #reread(): Promise<void> {
    try {
      this.#seen = await this.#etcd.read({ stale: true })
    } catch {
      // The read before a decision finds out whether the DCS answers.
    }
    if (this.leader !== null) this.#sight.follow(this.leader)
  }

  #tick(): void {
    const now = performance.now()
    const { leader } = this
    if (now < this.#restUntilMs || leader === null) {
      this.#suspect = undefined
      return
    }
    if (this.#suspect && (this.#suspect.name !== leader || now - this.#suspect.causeAtMs > repeatMs)) {
      this.#say({
        event: 'suspicion over',
        primary: this.#suspect.name,
        afterMs: Math.round(now - this.#suspect.sinceMs),
      })
      this.#suspect = undefined
    }
    const cause = this.#sight.causeAgainst(leader)
    if (cause) this.#raise(leader, cause, now)
    if (this.#deciding) return
    const planned = this.#seen?.cluster.wish ? this.#planned(leader, this.#seen) : undefined
    // A primary that was asked to hand over and has shut down is helped. One that dies instead is a lost primary like
    // any other.
    if (planned && (planned.act || !this.#suspect)) void this.#assist(leader, planned)
    else if (this.#suspect) void this.#judge(this.#suspect.name)
  }

  #planned(leader: string, { cluster }: Snapshot): Planned {
    if (cluster.leader !== leader) return no(`${leader} lost the leader key meanwhile`)
    return decidePlanned(this.#sight.planned(leader, cluster), this.#limits)
  }

  #raise(leader: string, cause: string, now: number): void {
    const anew = !this.#suspect
    if (!this.#suspect) {
      this.#suspect = { name: leader, sinceMs: now, causeAtMs: now }
      this.#lastSaid = ''
      this.#say({ event: 'suspicion', primary: leader, cause })
    }
    this.#suspect.causeAtMs = now
    this.#sight.lookClosely(leader, { anew })
  }

  async #judge(name: string): Promise<void> {
    if (!this.#seen) return
    // Decides by local evidence first: a majority of the DCS is asked only where everything else says yes.
    const first = decide(this.#sight.evidence(name, this.#seen.cluster), this.#limits)
    if (!first.act) return this.#decided(first)
    this.#deciding = true
    try {
      const snapshot = await this.#etcd.read()
      const evidence = this.#sight.evidence(name, snapshot.cluster)
      const decision =
        snapshot.cluster.leader === name ? decide(evidence, this.#limits) : no(`${name} lost the leader key meanwhile`)
      this.#decided(decision, evidence)
      if (decision.act) await this.#handOver(name, decision, snapshot)
    } catch (error) {
      this.#decided(no(`the DCS does not answer with a majority: ${String(error)}`))
    } finally {
      this.#deciding = false
    }
  }

  async #handOver(name: string, { successor, sync }: Decision & { act: true }, snapshot: Snapshot): Promise<void> {
    this.#restUntilMs = performance.now() + restMs
    if (!this.#act) return
    const value = JSON.stringify({ leader: sync.leader, sync_standby: sync.standbys.join(','), quorum: sync.quorum })
    await this.#give(name, successor, () => this.#etcd.handOver(successor, value, snapshot))
  }

  async #give(name: string, successor: string, act: () => Promise<boolean>): Promise<void> {
    const startedMs = performance.now()
    const done = await act()
    this.#say({
      event: done ? 'handed over' : 'not handed over: the primary or somebody else wrote meanwhile',
      primary: name,
      to: successor,
      tookMs: Math.round(performance.now() - startedMs),
    })
    if (done) void this.#watchSuccession(name, startedMs)
  }

  /**
   * Logs which node got past the gate, which signs `/sync`. Where no node did, Patroni takes over: the key becomes free
   * again, and all nodes race for it as they would have after the lease.
   */
  async #watchSuccession(name: string, startedMs: number): Promise<void> {
    let signer: string | undefined
    while (signer === undefined && performance.now() - startedMs < signedLimitMs) {
      await new Promise((resolve) => setTimeout(resolve, tickMs))
      const cluster = (await this.#etcd.read({ stale: true }).catch(() => undefined))?.cluster
      if (cluster?.leader !== undefined && cluster.leader === cluster.sync?.leader) signer = cluster.leader
    }
    const afterMs = Math.round(performance.now() - startedMs)
    if (signer === undefined) this.#say({ event: 'nobody has passed the gate', afterMs })
    else
      this.#say({
        event: signer === name ? 'the primary was there after all and has the key again' : 'the gate was passed',
        by: signer,
        afterMs,
      })
  }

  /** A change of primary was asked for: hands the key over when the old primary has shut down. */
  async #assist(leader: string, first: Planned): Promise<void> {
    this.#sight.lookClosely(leader, { anew: false })
    if (!first.act) return this.#decided(first)
    this.#deciding = true
    try {
      const snapshot = await this.#etcd.read()
      const decision = this.#planned(leader, snapshot)
      this.#decided(decision)
      if (!decision.act || !this.#act) return
      this.#restUntilMs = performance.now() + plannedRestMs
      await this.#give(leader, decision.successor, () => this.#etcd.handOverAsAsked(decision.successor, snapshot))
    } catch (error) {
      this.#decided(no(`the DCS does not answer with a majority: ${String(error)}`))
    } finally {
      this.#deciding = false
      // What was seen before is no reason to act again.
      this.#seen = undefined
    }
  }

  #decided(decision: Decision | Planned, evidence?: Evidence): void {
    this.lastDecision = { ...decision, at: new Date().toISOString() }
    if (decision.act) this.#say({ event: this.#act ? 'decision' : 'decision (observing only)', ...decision, evidence })
    // The same doubt is logged once.
    else if (decision.because.replaceAll(/\d+/g, '') !== this.#lastSaid) this.#say({ event: 'decision', ...decision })
    this.#lastSaid = decision.because.replaceAll(/\d+/g, '')
  }

  #say(line: Record<string, unknown>): void {
    console.log(JSON.stringify({ at: new Date().toISOString(), ...line }))
  }
}

function main(): void {
  const mode = modeOf(process.env['ARBITER'])
  const detectMs = milliseconds('DETECT_MS', 600, { min: 100, max: 60_000 })
  const limits: Limits = {
    detectMs,
    freshMs: 300,
    asks: 3,
    agree: process.env['CORROBORATION'] === 'off' ? 'any' : 'all',
  }
  const password = process.env['DCS_ARBITER_PASSWORD']
  const arbiter = new Arbiter({
    limits,
    act: mode === 'on',
    etcd: new Etcd({
      url: required('ETCD'),
      prefix: required('PREFIX'),
      limitMs: 1_000,
      user: password ? { name: 'arbiter', password } : undefined,
    }),
    sight: new Sight({
      site: required('SITE'),
      limits,
      lookouts: parsePlaces('LOOKOUTS', process.env['LOOKOUTS']),
      databases: parsePlaces('DATABASES', process.env['DATABASES']),
    }),
  })
  if (mode !== 'off') arbiter.start()
  console.log(JSON.stringify({ at: new Date().toISOString(), event: 'started', mode, detectMs }))
  createServer((_request, response) => {
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(
        `${JSON.stringify({ mode, detectMs, primary: arbiter.leader, lastDecision: arbiter.lastDecision ?? null })}\n`,
      )
  }).listen(Number(required('PORT')), '0.0.0.0')
  process.once('SIGTERM', () => process.exit(0))
}

if (import.meta.main) main()
