/** Can the answers to clients be what they say: their outcome, who gave them, and which database was behind? */
import { errors, neverLeft } from '../journal/load.ts'
import type { RecordedJournal } from '../journal/recorded.ts'
import type { Outcome } from '../journal/requests.ts'
import { linkBetween } from '../topology/topology.ts'
import { duration } from './figures.ts'
import type { Defect } from './validity-load.ts'

/** Answers of strangers that are looked at. */
const enoughRequests = 100
/** A client gives up when its patience is over: never sooner in 1,900 time-outs of 62 real trials. Times are rounded. */
const earliestGiveUpMs = 10
/** Both ends are read in whole milliseconds. */
const readingErrorMs = 1
/** Of 1,000 acknowledged writes one may not say its database: in 55 real trials one did not, of 1,460. */
const mostNameless = 0.001

export function answersDefect(journal: RecordedJournal): Defect {
  return strangersDefect(journal) ?? namelessDefect(journal) ?? impatientDefect(journal) ?? hastyDefect(journal)
}

/**
 * `acknowledged`: the statuses by which a declared request is acknowledged; of others 2xx and 3xx. By an error of the
 * server nothing is, whoever declares it.
 */
function outcomeFrom(status: number, error: string | undefined, acknowledged?: readonly number[]): Outcome {
  if (status < 500 && acknowledged?.includes(status)) return 'acked'
  if (acknowledged !== undefined && status >= 200 && status < 400) return 'unknown'
  if (status >= 200 && status < 400) return error === undefined ? 'acked' : 'unknown'
  if (status >= 400 && status < 500) return 'rejected'
  return status === 0 && error !== undefined && neverLeft.has(error) ? 'rejected' : 'unknown'
}

/** The lists of statuses by which requests of each kind may have been acknowledged: a request does not say its name. */
function listsOf({ opened: { clients } }: RecordedJournal, write: boolean): readonly (readonly number[] | undefined)[] {
  const lists = clients?.requests?.filter((request) => request.write === write).map((request) => request.acknowledged)
  return lists === undefined || lists.length === 0 ? [undefined] : lists
}

/** A time-out takes as long as a client waits. */
function impatientDefect({ opened, requests }: RecordedJournal): Defect {
  const { timeoutMs } = opened.scenario.load
  // The kept story of the first version has them otherwise.
  if (opened.schemaVersion < 2) return undefined
  for (let i = 0; i < requests.length; i++) {
    if (requests.error(i) !== errors.timeout) continue
    const tookMs = requests.endedMs(i) - requests.startedMs(i)
    if (tookMs < timeoutMs - earliestGiveUpMs)
      return `request ${requests.n(i)} timed out after ${duration(tookMs)}, and a client waits for ${duration(timeoutMs)}`
  }
  return undefined
}

/** Where any answer says who gave it, all do: one that names nobody might be another's. */
function namelessDefect(journal: RecordedJournal): Defect {
  const { requests } = journal
  const seen = { named: 0, nameless: -1, ofDatabase: 0, noDatabase: 0, first: -1 }
  for (let i = 0; i < requests.length; i++) {
    if (!requests.isAcked(i)) continue
    if (requests.node(i) !== undefined) seen.named++
    else if (seen.nameless === -1) seen.nameless = i
    if (!requests.isWrite(i)) continue
    if (requests.database(i) !== undefined) seen.ofDatabase++
    else if (seen.noDatabase++ === 0) seen.first = i
  }
  if (seen.named > 0 && seen.nameless !== -1)
    return `request ${requests.n(seen.nameless)} succeeded and does not say who answered, as others do`
  const own = ownApps(journal).size > 0
  if (own && seen.named === 0 && seen.nameless !== -1)
    return `no answer says who gave it, and ${appsName} says so in each`
  if (own && seen.ofDatabase === 0 && seen.noDatabase > 0)
    return `no acknowledged write says which database was behind it, and ${appsName} says so in each`
  return seen.ofDatabase > 0 && seen.noDatabase > Math.max(1, mostNameless * seen.ofDatabase)
    ? `${seen.noDatabase} acknowledged writes do not say which database was behind them, as others do (n ${requests.n(seen.first)})`
    : undefined
}

/** What the apps of the reference stack are called, by their label `blackstart.image`. */
const ownImage = 'services'
const appsName = "the reference stack's app"

/** Apps of the reference stack that the project's own load asks, and the sites in which they stand. */
function ownApps({ opened: { clients, topology } }: RecordedJournal): ReadonlyMap<string, string> {
  const own = topology.nodes.filter(({ role, attributes }) => role === 'app' && attributes['image'] === ownImage)
  return new Map(clients === undefined ? own.map(({ name, site }) => [name, site]) : [])
}

/** Clients are at the edge, so that no answer is quicker than the way there and back: by 1 ms, in 54 real trials. */
function hastyDefect(journal: RecordedJournal): Defect {
  const { opened, requests } = journal
  const edge = opened.topology.sites.find(({ kind }) => kind === 'edge')?.name ?? ''
  const leastMs = new Map(
    [...ownApps(journal)].map(([name, site]) => [name, 2 * (linkBetween(opened.topology, edge, site)?.latencyMs ?? 0)]),
  )
  if (leastMs.size === 0) return undefined
  for (let i = 0; i < requests.length; i++) {
    const least = leastMs.get(requests.node(i) ?? '') ?? 0
    const tookMs = requests.endedMs(i) - requests.startedMs(i)
    if (tookMs < least - readingErrorMs)
      return `${requests.node(i)} answered request ${requests.n(i)} within ${duration(tookMs)}, and the link between them takes ${duration(least)} there and back`
  }
  return undefined
}

/**
 * Outcomes are those of their statuses and errors. Answers
 * come from apps and databases of the topology; a system whose apps call themselves by no name that it has is not asked.
 */
function strangersDefect(journal: RecordedJournal): Defect {
  const {
    opened: { topology },
    requests,
  } = journal
  const lists = { write: listsOf(journal, true), read: listsOf(journal, false) }
  const nodes = new Map(topology.nodes.map((node) => [node.name, node]))
  const places = new Set(topology.sites.map(({ name }) => name))
  const strangers: string[] = []
  let known = false
  /** With which status the last one was acknowledged that was looked at. */
  const ackedWith: { write?: number; read?: number } = {}
  // Who answered one request fine does so for all others.
  const fine = new Set<number>()
  for (let i = 0; i < requests.length; i++) {
    const status = requests.status(i)
    const error = requests.error(i)
    const isWrite = requests.isWrite(i)
    // Nearly all are acknowledged, with one status.
    const isPossible = error === undefined && requests.isAcked(i) && status === ackedWith[isWrite ? 'write' : 'read']
    if (!isPossible) {
      const outcome = requests.outcome(i)
      const possible = lists[isWrite ? 'write' : 'read'].some((list) => outcomeFrom(status, error, list) === outcome)
      if (!possible || (status === 0) !== (error !== undefined))
        return `request ${requests.n(i)} is recorded as ${outcome}, with status ${status}${error === undefined ? '' : ` and the error "${error}"`}`
      if (outcome === 'acked' && error === undefined) ackedWith[isWrite ? 'write' : 'read'] = status
    }
    const who = requests.answerer(i)
    if (status !== 0 && fine.has(who)) continue
    const name = requests.node(i)
    const region = requests.region(i)
    const database = requests.database(i)
    if (status === 0 && (name ?? region ?? database) !== undefined)
      return `request ${requests.n(i)} had no answer, and names who gave it`
    const app = name === undefined ? undefined : nodes.get(name)
    const store = database === undefined ? undefined : nodes.get(database)
    if (app?.role === 'app') known = true
    const stranger =
      name !== undefined && app?.role !== 'app'
        ? name
        : database !== undefined && store?.role !== 'database'
          ? database
          : undefined
    if (stranger !== undefined)
      strangers.push(
        `request ${requests.n(i)} was answered by ${stranger}, which is not in the topology, or no app or database there`,
      )
    if (region !== undefined && !places.has(region))
      strangers.push(`request ${requests.n(i)} was answered in ${region}, and the topology has no such region`)
    if (app !== undefined && region !== undefined && app.site !== region)
      return `request ${requests.n(i)} was answered by ${app.name} in ${region}, and that stands in ${app.site}`
    if (strangers.length > enoughRequests) break
    if (strangers.length === 0) fine.add(who)
  }
  return known ? strangers[0] : undefined
}
