/**
 * Is the world as its labels say? What the topology says decides which promises apply, what counts as a standby, who is
 * read and how slow a link may be. So nothing in the journal may deny it.
 */
import type { RecordedJournal } from '../journal/recorded.ts'
import { isMultiPrimary, type Node, nodesAskedByHttp, nodesOf } from '../topology/topology.ts'
import { duration, moment } from './figures.ts'
import { writableSpells } from './spells.ts'
import type { Defect } from './validity-load.ts'
import { wasAsked } from './watch-databases.ts'
import { some } from './words.ts'

const synchronousLabel = 'synchronous-standbys'
/** Beacons tell round trips in tenths of a millisecond: 0.6 ms longer than their link makes them in 54 real trials. */
const roundingMs = 1

export function topologyDefect(journal: RecordedJournal): Defect {
  return (
    repeatedDefect(journal) ??
    labelDefect(journal) ??
    standbyDefect(journal) ??
    togetherDefect(journal) ??
    readersDefect(journal) ??
    latencyDefect(journal)
  )
}

/** There is one way between two sites, and one site of a name. */
function repeatedDefect({ opened: { topology } }: RecordedJournal): Defect {
  const names = [
    ...topology.sites.map(({ name }) => name),
    ...topology.links.map(({ sites }) => sites.toSorted().join('–')),
  ]
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) return `its topology has ${twice} twice`
  // Who asks two nodes at one port asks one of them twice.
  const asked = new Map<string, string>()
  for (const node of topology.nodes)
    for (const port of Object.values(node.ports)) {
      const address = `${node.host ?? ''}:${port}`
      const other = asked.get(address)
      if (other !== undefined && other !== node.name)
        return `its topology has one port, ${port}, for ${other} and ${node.name}`
      asked.set(address, node.name)
    }
  return undefined
}

/** No count is below what is no number, so that any would be enough. */
function labelDefect({ opened: { topology } }: RecordedJournal): Defect {
  for (const { name, attributes } of nodesOf(topology, 'database')) {
    const label = attributes[synchronousLabel]
    if (label !== undefined && !/^\d+$/.test(label))
      return `the label ${synchronousLabel} of ${name} is "${label}", which is no number of standbys`
  }
  return undefined
}

/** Commits are safe with a standby that is read in the end, once each. */
function standbyDefect(journal: RecordedJournal): Defect {
  const databases = new Set(nodesOf(journal.opened.topology, 'database').map(({ name }) => name))
  for (const { primary, standbys, atMs } of journal.of('database.replication')) {
    const names = standbys.map(({ node }) => node)
    const twice = names.find((name, i) => names.indexOf(name) !== i)
    if (twice !== undefined) return `${primary} told of the standby ${twice} twice at ${moment(atMs)}`
    const strange = standbys.find(({ node, sync }) => !databases.has(node) && (sync === 'sync' || sync === 'quorum'))
    if (strange !== undefined)
      return `${primary} told of the synchronous standby ${strange.node} at ${moment(atMs)}, and the topology has no such database`
  }
  return undefined
}

/** Where all databases take writes, all are said to, and two were seen to at once. */
function togetherDefect(journal: RecordedJournal): Defect {
  const databases = nodesOf(journal.opened.topology, 'database')
  const together = databases.filter(isMultiPrimary)
  const other = databases.find((node) => !isMultiPrimary(node))
  if (together.length === 0) return undefined
  if (other !== undefined)
    return `${nameList(together)} ${together.length === 1 ? 'is' : 'are'} said to take writes together with others, and ${other.name} is not`
  const spells = writableSpells(journal)
  const isTogether = spells.some((spell, i) =>
    spells.slice(i + 1).some(({ node, fromMs }) => node !== spell.node && fromMs < spell.toMs),
  )
  const asked = databases.filter(({ name }) => wasAsked(journal, name))
  return spells.length > 0 && asked.length > 1 && !isTogether
    ? 'every database is said to take writes, and no two of them were seen to at once'
    : undefined
}

/** Over HTTP every app is asked that answers, and routers where none does: one that is left out may lack a write. */
function readersDefect({ opened: { audit, topology } }: RecordedJournal): Defect {
  if (audit?.by === 'database') return unreadDefect(topology, audit.nodes)
  if (audit?.by !== 'http') return undefined
  const meant = nodesAskedByHttp(topology).map(({ name }) => name)
  // Older topologies do not say who answers HTTP; no database does.
  const databases = new Set(nodesOf(topology, 'database').map(({ name }) => name))
  const asked = audit.nodes.find((name) => databases.has(name))
  if (asked !== undefined) return `writes are read through ${asked}, and not through apps`
  if (meant.length === 0) return undefined
  const missing = meant.filter((name) => !audit.nodes.includes(name))
  const strange = audit.nodes.filter((name) => !meant.includes(name))
  if (missing.length > 0) return `writes are read through apps, and ${some(missing, 3)} was not to be asked`
  return strange.length === 0 ? undefined : `writes are read through ${some(strange, 3)}, and not through apps`
}

/** Of databases of two kinds, those of one kind are read: all of them. */
function unreadDefect(topology: RecordedJournal['opened']['topology'], asked: readonly string[]): Defect {
  const engine = ({ attributes }: Node): string => attributes['database.engine'] ?? 'postgres'
  const databases = nodesOf(topology, 'database')
  const read = new Set(databases.filter(({ name }) => asked.includes(name)).map(engine))
  const unread = databases.find((node) => read.has(engine(node)) && !asked.includes(node.name))
  return unread && `writes are read from ${some(asked, 3)}, and ${unread.name} of the same kind was not to be read`
}

/** No ping is quicker there and back than its link lets it be. */
function latencyDefect(journal: RecordedJournal): Defect {
  const { links } = journal.opened.topology
  const less = links.find(({ latencyMs }) => latencyMs < 0)
  if (less !== undefined) return `${less.name} is said to be slower by less than nothing`
  for (const { from, to, rttMs, atMs } of journal.of('beacon.edge')) {
    const link = links.find(({ sites }) => from !== to && sites.includes(from) && sites.includes(to))
    if (rttMs === null || link === undefined || rttMs >= 2 * link.latencyMs - roundingMs) continue
    return `a ping from ${from} to ${to} and back took ${duration(rttMs)} at ${moment(atMs)}, and ${link.name} is said to add ${duration(link.latencyMs)} each way`
  }
  return undefined
}

function nameList(nodes: readonly Node[]): string {
  return some(
    nodes.map(({ name }) => name),
    3,
  )
}
