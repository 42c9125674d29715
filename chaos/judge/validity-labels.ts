/**
 * Is the world as the labels of its nodes say, and as what was observed in it shows? A topology that was told otherwise
 * decides otherwise who stands where, what a cut silences, and how quick an answer may be.
 */
import type { RecordedJournal } from '../journal/recorded.ts'
import { beaconOf, linkBetween, type Node, namesPrimary, type Topology, tellsStatistics } from '../topology/topology.ts'
import { moment } from './figures.ts'
import type { Defect } from './validity-load.ts'

/** From this version on, labels say who can be asked. */
const labelled = 2
/** Who tells the time where no beacon does: chaos/observers/clocks.ts. */
const engine = 'the engine'

export function labelsDefect(journal: RecordedJournal): Defect {
  return placesDefect(journal) ?? wordsDefect(journal) ?? pingsDefect(journal) ?? unaskedDefect(journal)
}

/** Nodes and links stand in sites that there are, and a link is a node. */
function placesDefect({ opened: { topology } }: RecordedJournal): Defect {
  const sites = new Set(topology.sites.map(({ name }) => name))
  const links = new Set(topology.nodes.filter(({ role }) => role === 'link').map(({ name }) => name))
  const lost = topology.nodes.find(({ role, site }) => role !== 'link' && !sites.has(site))
  if (lost !== undefined) return `${lost.name} stands in ${lost.site || 'no site'}, and its topology has no such site`
  for (const { name, sites: ends } of topology.links) {
    const nowhere = ends.find((end) => !sites.has(end))
    if (nowhere !== undefined) return `${name} leads to ${nowhere}, and its topology has no such site`
    if (links.size > 0 && !links.has(name)) return `its topology has the link ${name}, and no such node`
  }
  return undefined
}

/** The topology is read from labels, and keeps them. A node that has none of a kind says nothing of it. */
function wordsDefect({ opened: { topology } }: RecordedJournal): Defect {
  for (const node of topology.nodes) {
    const { name, attributes, role } = node
    const { world, role: said } = attributes
    if (world !== undefined && world !== topology.world)
      return `${name} is of the world ${world} by its labels, and in the topology of ${topology.world}`
    if (said !== undefined && said !== role) return `${name} is a ${said} by its labels, and a ${role} in the topology`
    const wrong = siteDefect(node, topology.sites) ?? (role === 'link' ? linkDefect(node, topology.links) : undefined)
    if (wrong !== undefined) return wrong
  }
  return timeoutDefect(topology)
}

function siteDefect({ name, role, site, attributes }: Node, sites: Topology['sites']): Defect {
  const said = attributes['region'] ?? attributes['site']
  if (said === undefined || role === 'link') return undefined
  if (said !== site) return `${name} stands in ${said} by its labels, and in ${site} in the topology`
  const apart = (attributes['site.kind'] ?? said) === 'edge' ? 'edge' : 'witness'
  const meant = attributes['region'] === undefined ? apart : 'region'
  const kind = sites.find((each) => each.name === site)?.kind
  return kind === meant ? undefined : `${site} is a ${meant} by the labels of ${name}, and a ${kind} in the topology`
}

/** What bounds how fast a component can react is its own label. */
function timeoutDefect({ nodes, timeouts }: Topology): Defect {
  for (const [name, ms] of Object.entries(timeouts)) {
    const said = nodes.flatMap(({ attributes }) => attributes[`timeout.${name}`] ?? [])
    if (said.length > 0 && !said.some((label) => Number(label) === ms))
      return `the setting ${name} is ${said[0]} by the labels, and ${ms} in the topology`
  }
  return undefined
}

function linkDefect({ name, attributes }: Node, links: Topology['links']): Defect {
  const link = links.find((each) => each.name === name)
  const ends = attributes['link']?.split(',').map((end) => end.trim())
  if (link === undefined) return `its topology has the node ${name}, and no such link`
  if (ends !== undefined && ends.toSorted().join() !== link.sites.toSorted().join())
    return `${name} joins ${ends.join(' and ')} by its labels, and ${link.sites.join(' and ')} in the topology`
  const said = Number(attributes['link.latency-ms'] ?? link.latencyMs)
  return said !== link.latencyMs
    ? `${name} adds ${said} ms by its labels, and ${link.latencyMs} ms in the topology`
    : undefined
}

/** Beacons ping each other over links, and over nothing else. */
function pingsDefect(journal: RecordedJournal): Defect {
  const { topology } = journal.opened
  const ways = [
    ...journal.of('beacon.edge').map(({ atMs, from, to }) => ({ atMs, from, to, by: from })),
    ...journal.of('beacon.heard').map(({ atMs, from, at }) => ({ atMs, from, to: at, by: at })),
  ]
  for (const { atMs, from, to, by } of ways) {
    if (linkBetween(topology, from, to) === undefined)
      return `pings between ${from} and ${to} are told at ${moment(atMs)}, and the topology has no link between them`
    if (beaconOf(topology, by) === undefined)
      return `pings are told by a beacon at ${by} at ${moment(atMs)}, and the topology has none there`
  }
  const told = journal.of('beacon.reachable').find(({ site }) => beaconOf(topology, site) === undefined)
  if (told !== undefined)
    return `a beacon at ${told.site} is told of at ${moment(told.atMs)}, and the topology has none`
  const beacons = new Set(topology.nodes.filter(({ role }) => role === 'beacon').map(({ name }) => name))
  const clock = journal
    .of('load.clock')
    .find(({ by }) => beacons.size > 0 && by !== undefined && by !== engine && !beacons.has(by))
  return clock && `${clock.by} told the time at ${moment(clock.atMs)}, and the topology has no such beacon`
}

/** Who cannot be asked, by his labels, tells nothing. */
function unaskedDefect(journal: RecordedJournal): Defect {
  if (journal.opened.schemaVersion < labelled) return undefined
  const nodes = new Map(journal.opened.topology.nodes.map((node) => [node.name, node]))
  const isMute = (name: string, canTell: (node: Node) => boolean): boolean => {
    const node = nodes.get(name)
    return node !== undefined && !canTell(node)
  }
  const router = journal.of('router.server').find((event) => isMute(event.router, tellsStatistics))
  if (router !== undefined) return `${router.router} told of its servers, and cannot be asked by its labels`
  const member = [...journal.of('dcs.leader'), ...journal.of('dcs.term')].find((event) =>
    isMute(event.member, namesPrimary),
  )
  return member && `${member.member} told of the leader key or of its term, and has no key by its labels`
}
