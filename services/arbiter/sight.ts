/**
 * What the arbiter knows of the databases: from its own questions at the witness, and from the lookouts in the regions.
 */
import { Asker } from './asker.ts'
import type { Cluster, Evidence, Limits, Standby } from './decide.ts'
import { Lookout } from './lookouts.ts'
import type { PlannedEvidence } from './planned.ts'
import type { Place } from './settings.ts'
import { Stalls } from './stalls.ts'

/**
 * How often a suspicion, or a planned change, is repeated to the lookouts; each time they look closely for a second.
 */
export const repeatMs = 500

export class Sight {
  readonly #site: string
  readonly #limits: Limits
  readonly #lookouts: Lookout[]
  readonly #databases: { place: Place; asker: Asker }[]
  readonly #stalls = new Stalls()
  #primaryTimeline: number | null = null
  #toldAtMs = -Infinity

  constructor({
    site,
    limits,
    lookouts,
    databases,
  }: { site: string; limits: Limits; lookouts: readonly Place[]; databases: readonly Place[] }) {
    this.#site = site
    this.#limits = limits
    this.#lookouts = lookouts.map((place) => new Lookout(place))
    this.#databases = databases.map((place) => ({ place, asker: new Asker({ host: place.name, port: place.port }) }))
  }

  start(): void {
    for (const lookout of this.#lookouts) lookout.start()
  }

  stop(): void {
    for (const lookout of this.#lookouts) lookout.stop()
    this.#stalls.stop()
  }

  /** Remembers the primary's timeline, which a lost primary can no longer tell. */
  follow(leader: string): void {
    const timeline = this.#homeOf(leader)?.line?.nodes[leader]?.report?.timeline
    if (typeof timeline === 'number') this.#primaryTimeline = timeline
  }

  /** Why to look closely; this alone decides nothing. */
  causeAgainst(leader: string): string | undefined {
    const home = this.#homeOf(leader)
    if (!home) return undefined
    const suspectMs = this.#limits.detectMs / 3
    const seen = home.line?.nodes[leader]
    if (!home.open || home.ageMs > Math.max(150, suspectMs)) return `${home.place.name} is silent`
    if (deafMs(home) > 100 + suspectMs) return `${home.place.name} hears nobody`
    if (seen?.refused) return `${leader} refuses connections`
    if (seen && (seen.silentMs ?? Infinity) > 250 + suspectMs) return `${leader} is silent`
    return undefined
  }

  /**
   * Makes the lookouts look closely, for a while, at this node and at those that may replace it. `anew`: earlier
   * questions do not count.
   */
  lookClosely(leader: string, { anew }: { anew: boolean }): void {
    if (anew) this.#askerOf(leader)?.restart()
    else if (performance.now() - this.#toldAtMs < repeatMs) return
    this.#toldAtMs = performance.now()
    for (const lookout of this.#lookouts) lookout.suspect(leader)
  }

  /** Asks the node from here, the witness. */
  ask(leader: string): void {
    this.#askerOf(leader)?.ask('/liveness')
  }

  evidence(name: string, cluster: Cluster): Evidence {
    const home = this.#homeOf(name)
    const own = this.#askerOf(name)
    const seenAtHome = home?.line?.nodes[name]
    const others = this.#lookouts
      .filter((lookout) => lookout !== home)
      .map((lookout) => {
        const seen = lookout.line?.nodes[name]
        return {
          site: lookout.place.site,
          ageMs: lookout.ageMs,
          silentMs: seen?.vainMs ?? 0,
          asked: seen?.asked ?? 0,
          stalledMs: lookout.line?.stalledMs ?? 0,
        }
      })
    return {
      cluster,
      primaryTimeline: this.#primaryTimeline,
      views: [
        {
          site: this.#site,
          ageMs: 0,
          silentMs: own?.vainMs ?? 0,
          asked: own?.asked ?? 0,
          stalledMs: this.#stalls.worstMs,
        },
        ...others,
      ],
      home: {
        site: home?.place.site ?? '',
        ageMs: home?.ageMs ?? 0,
        asked: seenAtHome?.asked ?? 0,
        stalledMs: home?.line?.stalledMs ?? 0,
        // What a lookout said last about the primary was already that old when it said it. Only where the lookout still
        // speaks is this the primary's silence and not its own. A region that hears nobody has lost its primary, alive
        // or not: no acknowledgement reaches it.
        silentMs:
          (home?.ageMs ?? 0) +
          (home && home.ageMs <= this.#limits.freshMs ? Math.max(seenAtHome?.silentMs ?? 0, deafMs(home)) : 0),
      },
      standbys: this.#standbysOf(name),
    }
  }

  planned(leader: string, cluster: Cluster): PlannedEvidence {
    const home = this.#homeOf(leader)
    const seen = home?.line?.nodes[leader]
    return {
      cluster,
      primaryTimeline: this.#primaryTimeline,
      primary:
        home && seen?.report
          ? { state: seen.report.state, ageMs: home.ageMs + (seen.silentMs ?? Infinity) }
          : undefined,
      standbys: this.#standbysOf(leader),
    }
  }

  #standbysOf(name: string): Standby[] {
    const home = this.#homeOf(name)
    const deaf = home !== undefined && deafMs(home) > this.#limits.freshMs
    return this.#databases
      .filter(({ place }) => place.name !== name)
      .flatMap(({ place }) => {
        const lookout = this.#lookouts.find((one) => one.place.site === place.site)
        const seen = lookout?.line?.nodes[place.name]
        // A region that hears nobody can neither take over nor follow.
        if (!lookout || !seen?.report || deafMs(lookout) > this.#limits.freshMs) return []
        const { state, role, timeline, receivedBytes, streaming } = seen.report
        return [
          {
            name: place.name,
            site: place.site,
            ageMs: lookout.ageMs + (seen.silentMs ?? Infinity),
            state,
            role,
            timeline,
            receivedBytes,
            streaming,
            streamedMs: seen.streamedMs === null ? null : lookout.ageMs + seen.streamedMs,
            // A region that hears nobody may feed its standbys, and hear no acknowledgement.
            grewMs: seen.grewMs === null || deaf ? null : lookout.ageMs + seen.grewMs,
          },
        ]
      })
  }

  #homeOf(name: string): Lookout | undefined {
    const site = this.#databases.find(({ place }) => place.name === name)?.place.site
    return this.#lookouts.find(({ place }) => place.site === site)
  }

  #askerOf(name: string): Asker | undefined {
    return this.#databases.find(({ place }) => place.name === name)?.asker
  }
}

/** For how long this region's lookout has heard nothing of the arbiter, by its own word, in ms. */
function deafMs(lookout: Lookout): number {
  return lookout.line?.deafMs ?? 0
}
