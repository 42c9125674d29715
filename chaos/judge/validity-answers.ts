/** Can the answers to clients be what they say: their outcome, who gave them, and which database was behind? */
import type { RecordedJournal } from '../journal/recorded.ts'
import type { Outcome } from '../journal/requests.ts'
import type { Defect } from './validity-load.ts'

/** Answers of strangers that are looked at. */
const enoughRequests = 100
/** Errors by which a request certainly never left (`outcomeOf` in chaos/load/stream.ts). */
const neverLeft = new Set(['connection refused', 'connect timeout', 'name not resolved'])
/** Of 1,000 acknowledged writes one may not say its database: in 55 real trials one did not, of 1,460. */
const mostNameless = 0.001

export function answersDefect(journal: RecordedJournal): Defect {
  return strangersDefect(journal) ?? namelessDefect(journal)
}

function outcomeFrom(status: number, error: string | undefined): Outcome {
  if (status >= 200 && status < 400) return error === undefined ? 'acked' : 'unknown'
  if (status >= 400 && status < 500) return 'rejected'
  return status === 0 && error !== undefined && neverLeft.has(error) ? 'rejected' : 'unknown'
}

/** Where any answer says who gave it, all do: one that names nobody might be another's. */
function namelessDefect({ requests }: RecordedJournal): Defect {
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
  return seen.ofDatabase > 0 && seen.noDatabase > Math.max(1, mostNameless * seen.ofDatabase)
    ? `${seen.noDatabase} acknowledged writes do not say which database was behind them, as others do (n ${requests.n(seen.first)})`
    : undefined
}

/**
 * Outcomes are those of their statuses and errors. Answers
 * come from apps and databases of the topology; a system whose apps call themselves by no name that it has is not asked.
 */
function strangersDefect({ opened: { topology }, requests }: RecordedJournal): Defect {
  const nodes = new Map(topology.nodes.map((node) => [node.name, node]))
  const places = new Set(topology.sites.map(({ name }) => name))
  const strangers: string[] = []
  let known = false
  // Who answered one request fine does so for all others.
  const fine = new Set<number>()
  for (let i = 0; i < requests.length; i++) {
    const status = requests.status(i)
    const error = requests.error(i)
    if (outcomeFrom(status, error) !== requests.outcome(i) || (status === 0) !== (error !== undefined))
      return `request ${requests.n(i)} is recorded as ${requests.outcome(i)}, with status ${status}${error === undefined ? '' : ` and the error "${error}"`}`
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
