/**
 * Whether to take the leader key from a primary that seems gone, and what to write instead. Pure: evidence in, decision
 * with its reasons out.
 *
 * A wrong "yes" costs a needless change of primary and never a write, for every promotion passes a gate of its own
 * (regions/config/gate). A wrong "no" costs the rest of the lease. So every doubt is a "no".
 */

/** Patroni's `/sync`: what the primary acknowledges is on at least one of any `quorum` + 1 of `standbys`. */
export interface Sync {
  leader: string
  standbys: string[]
  quorum: number
}

export interface Cluster {
  leader: string | undefined
  sync: Sync | undefined
  /** Whether the cluster has `synchronous_mode: quorum`. */
  quorumCommit: boolean
  paused: boolean
  /** A switchover or failover that was asked for and is not done yet: from whom and to whom, where that was said. */
  wish: { leader: string | undefined; candidate: string | undefined } | undefined
}

/** What one site sees of the primary. */
export interface View {
  site: string
  /** Since this site last told us anything, in ms. */
  ageMs: number
  /** For how long it has asked the primary in vain, or, in its own region, since the primary last answered, in ms. */
  silentMs: number
  /** Questions to the primary since suspicion arose. */
  asked: number
  /**
   * The longest that the process there was kept from running meanwhile, in ms: it cannot blame the primary for that
   * time.
   */
  stalledMs: number
}

/** What a standby says of itself, by way of its own region. */
export interface Standby {
  name: string
  site: string
  /** Age of this report, in ms. */
  ageMs: number
  state: string
  role: string
  timeline: number | null
  receivedBytes: number
  /** Whether it says that it streams just now. */
  streaming: boolean
  /** Since it was last seen streaming, in ms; null if it never was. */
  streamedMs: number | null
  /** Since what it streams was last seen to grow, in ms; null if it never was. */
  grewMs: number | null
}

export interface Evidence {
  cluster: Cluster
  primaryTimeline: number | null
  /** The witness, and every region without the primary. */
  views: View[]
  /** The primary's own region. A region's loss includes its silence; where it answers, its word decides. */
  home: View
  standbys: Standby[]
}

export interface Limits {
  /**
   * The primary's own region must not have heard of it for this long, in ms. Every other site must have asked it in
   * vain for half of that.
   */
  detectMs: number
  /** Older reports of a site or a standby do not count, in ms. */
  freshMs: number
  /** A site must have asked this often in vain. */
  asks: number
  /**
   * `all`: every site must have lost the primary. `any`: one is enough, as for a naive health check; this is the
   * planted defect.
   */
  agree: 'all' | 'any'
}

export interface No {
  act: false
  because: string
}
/** `successor`: to whom the leader key goes; `sync`: what `/sync` says from then on. */
export type Decision = No | { act: true; because: string; successor: string; sync: Sync }

/** Voters that are no node: they keep the number of needed votes as it is, and never acknowledge anything. */
export const departed = (index: number): string => `departed-${index}`

export function decide({ cluster, primaryTimeline, views, home, standbys }: Evidence, limits: Limits): Decision {
  const { leader, sync } = cluster
  if (!leader) return no('nobody holds the leader key')
  if (!cluster.quorumCommit || !sync?.leader) return no('quorum commit is not in force')
  if (sync.leader !== leader) return no(`/sync is of ${sync.leader}, the leader key of ${leader}`)
  if (cluster.paused) return no('Patroni is paused')

  const doubts = views.map((view) => doubtOf(view, limits))
  const doubt =
    doubtOfHome(home, limits) ?? doubts.find((reason) => reason !== undefined) ?? doubtOfStandbys(standbys, limits)
  if (doubt && !(limits.agree === 'any' && doubts.includes(undefined))) return no(doubt)
  if (views.length < 2) return no('only one site looks at the primary')

  const counted = standbys.filter(
    (standby) =>
      sync.standbys.includes(standby.name) &&
      unfit(standby, { primaryTimeline, silentMs: home.silentMs }, limits) === undefined,
  )
  if (counted.length < Math.max(2, sync.quorum + 1)) {
    const reasons = sync.standbys.map((name) => {
      const standby = standbys.find((one) => one.name === name)
      return `${name} ${standby ? (unfit(standby, { primaryTimeline, silentMs: home.silentMs }, limits) ?? 'counts') : 'says nothing'}`
    })
    return no(
      `${counted.length} of ${sync.standbys.length} voters count, ${Math.max(2, sync.quorum + 1)} are needed: ${reasons.join(', ')}`,
    )
  }
  const [successor] = byReceived(counted, home.site)
  if (!successor) return no('nobody is left')
  return {
    act: true,
    because: `${views.map((view) => view.site).join(' and ')} lost ${leader}; ${counted.map(({ name }) => name).join(', ')} hold every acknowledged write`,
    successor,
    sync: successorSync(sync, counted),
  }
}

export function no(because: string): No {
  return { act: false, because }
}

function doubtOf(view: View, { detectMs, freshMs, asks }: Limits): string | undefined {
  if (view.ageMs > freshMs) return `${view.site} has said nothing for ${Math.round(view.ageMs)} ms`
  if (view.silentMs < detectMs / 2)
    return `${view.site} has asked the primary in vain for ${Math.round(view.silentMs)} ms only`
  if (view.stalledMs > freshMs) return `${view.site} stood still for ${Math.round(view.stalledMs)} ms itself`
  if (view.asked < asks) return `${view.site} asked ${view.asked} times only`
  return undefined
}

function doubtOfHome(home: View, { detectMs, freshMs }: Limits): string | undefined {
  if (home.silentMs < detectMs) return `its own region heard of the primary ${Math.round(home.silentMs)} ms ago`
  if (home.ageMs <= freshMs && home.stalledMs > freshMs)
    return `the primary's region stood still for ${Math.round(home.stalledMs)} ms`
  return undefined
}

/**
 * A primary that answers no question but still feeds its standbys is busy, not lost. On a busy machine Patroni's
 * answers take a second and more, above all those of a node that was just promoted, while it commits. That a standby
 * says that it streams proves nothing: it believes so for seconds after its primary fell silent.
 */
function doubtOfStandbys(standbys: readonly Standby[], { detectMs, freshMs }: Limits): string | undefined {
  const fed = standbys.find(({ ageMs, grewMs }) => ageMs <= freshMs && grewMs !== null && grewMs < detectMs / 2)
  return fed && `${fed.name} had more of it ${Math.round(fed.grewMs ?? 0)} ms ago`
}

/**
 * Why a standby cannot be counted on; undefined if it can. It must follow the primary's history, and must have followed
 * it until the primary went.
 */
function unfit(
  standby: Standby,
  { primaryTimeline, silentMs }: { primaryTimeline: number | null; silentMs: number },
  { freshMs }: Limits,
): string | undefined {
  if (standby.ageMs > freshMs) return `has said nothing for ${Math.round(standby.ageMs)} ms`
  if (standby.role !== 'replica') return `is ${standby.role}`
  if (standby.state !== 'running' && standby.state !== 'streaming') return `is ${standby.state}`
  if (primaryTimeline !== null && standby.timeline !== null && standby.timeline !== primaryTimeline)
    return `is on timeline ${standby.timeline}, the primary on ${primaryTimeline}`
  if (standby.streamedMs === null || standby.streamedMs > silentMs + 2 * freshMs)
    return 'did not follow the primary when it went'
  return undefined
}

/**
 * `/sync` for the nodes that remain. It promises what the one before promised: any `quorum` + 1 of its voters have
 * everything that was acknowledged. The new primary commits with as many standbys as before, or with all that remain.
 * Patroni derives that number from the count of members, so departed members fill it up. Without them the new primary
 * would wait for dead standbys, or a single survivor could take over unseen by the other. One of the departed members
 * is named as leader, because that name alone counts as having everything, and no survivor has proved that yet.
 */
export function successorSync(sync: Sync, counted: readonly Standby[]): Sync {
  const names = byReceived(counted)
  const copies = Math.min(sync.standbys.length - sync.quorum, counted.length - 1)
  const members = [
    ...Array.from({ length: copies + sync.quorum + 1 - counted.length }, (_, index) => departed(index + 1)),
    ...names,
  ]
  // Without departed members the quorum is 0, and each voter does have everything.
  const [leader = '', ...standbys] = members
  return { leader, standbys, quorum: sync.quorum }
}

/** Their names, those with most data first; among equals those at `home`, where the primary's clients are. */
function byReceived(standbys: readonly Standby[], home?: string): string[] {
  return standbys
    .toSorted(
      (a, b) =>
        b.receivedBytes - a.receivedBytes ||
        Number(b.site === home) - Number(a.site === home) ||
        (a.name < b.name ? -1 : 1),
    )
    .map(({ name }) => name)
}
