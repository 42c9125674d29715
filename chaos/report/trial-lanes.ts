/** The lanes of a trial: databases, leader key, routers and beacons, from the journal's milestones. */
import type { RecordedJournal } from '../journal/recorded.ts'
import type { EventOf, MilestoneEvent } from '../journal/schema.ts'
import { unexplainedGaps } from '../judge/silences.ts'
import type { Verdict } from '../judge/verdict.ts'
import { nodesOf } from '../topology/topology.ts'
import { LaneBook, type LaneGroup, type LegendEntry, type Tone } from './lanes.ts'

interface Books {
  database: LaneBook
  leader: LaneBook
  routers: Map<string, LaneBook>
  beacon: LaneBook
  leaderRevision: number
  leaders: string[]
}

const roleTrack = { name: 'role', heightPx: 14 }
const writableTrack = { name: 'writes', heightPx: 4 }
const existingTrack = { name: 'existing connection', heightPx: 6 }
const freshTrack = { name: 'fresh connection', heightPx: 6 }
const singleTrack = { name: 'state', heightPx: 12 }
const bothLane = 'two at once'
const routersTitle = 'Routers'
const roleTones: Record<EventOf<'database.role'>['role'], Tone> = {
  primary: 'strong',
  standby: 'soft',
  starting: 'busy',
  unreachable: 'gone',
}
const serverTones: Record<EventOf<'router.server'>['state'], Tone | null> = {
  up: 'soft',
  down: 'gone',
  drain: 'busy',
  unknown: null,
}

/** In the order in which the report draws them; those without observations are left out. */
export function lanesOf(journal: RecordedJournal, verdict: Verdict): LaneGroup[] {
  const books: Books = {
    database: new LaneBook(),
    leader: new LaneBook(),
    routers: new Map(),
    beacon: new LaneBook(),
    leaderRevision: -1,
    leaders: [],
  }
  for (const node of nodesOf(journal.opened.topology, 'database'))
    books.database.lane(node.name, [roleTrack, writableTrack])
  for (const event of journal.milestones) turnLanes(books, event)
  drawDualWritable(books.database, verdict)
  for (const gap of unexplainedGaps(journal)) books.database.gap(gap.subject, gap)
  return groupsOf(books, journal.lastAtMs)
}

function turnLanes(books: Books, event: MilestoneEvent): void {
  switch (event.kind) {
    case 'database.role':
      books.database.lane(event.node, [roleTrack, writableTrack])
      books.database.turn(event.node, roleTrack.name, event.atMs, { state: event.role, tone: roleTones[event.role] })
      break
    case 'database.writable':
      books.database.lane(event.node, [roleTrack, writableTrack])
      books.database.turn(
        event.node,
        writableTrack.name,
        event.commitMs ?? event.atMs,
        event.accepting ? { state: 'accepts writes', tone: 'writable' } : null,
      )
      break
    case 'dcs.leader':
      turnLeader(books, event)
      break
    case 'router.server': {
      const tone = serverTones[event.state]
      const book = routerBook(
        books,
        `${event.router}, backend ${event.backend}${event.writes ? ', carries writes' : ''}`,
      )
      book.lane(event.server, [singleTrack])
      book.turn(event.server, singleTrack.name, event.atMs, tone === null ? null : { state: event.state, tone })
      break
    }
    case 'beacon.edge': {
      const label = `${event.from} → ${event.to}`
      books.beacon.lane(label, [existingTrack, freshTrack])
      const track = event.connection === 'existing' ? existingTrack : freshTrack
      books.beacon.turn(
        label,
        track.name,
        event.atMs,
        event.up ? { state: 'answers', tone: 'soft' } : { state: 'silent', tone: 'gone' },
      )
      break
    }
    default:
      turnReachable(books, event)
  }
}

function routerBook(books: Books, title: string): LaneBook {
  const book = books.routers.get(title) ?? new LaneBook()
  books.routers.set(title, book)
  return book
}

/** Several members report the same change; the revision shows which report is the first. */
function turnLeader(books: Books, event: EventOf<'dcs.leader'>): void {
  if (event.revision < books.leaderRevision) return
  books.leaderRevision = event.revision
  books.leader.lane('leader key', [roleTrack])
  if (event.leader !== null && !books.leaders.includes(event.leader)) books.leaders.push(event.leader)
  const tone: Tone = event.leader === null ? 'gone' : books.leaders.indexOf(event.leader) % 2 === 0 ? 'strong' : 'other'
  books.leader.turn('leader key', roleTrack.name, event.atMs, { state: event.leader ?? 'no leader', tone })
}

/** A router or beacon that always answers needs no lane of its own; one that once did not gets it from then on. */
function turnReachable(books: Books, event: MilestoneEvent): void {
  if (event.kind !== 'router.reachable' && event.kind !== 'beacon.reachable') return
  const [book, label] =
    event.kind === 'router.reachable'
      ? ([routerBook(books, routersTitle), event.router] as const)
      : ([books.beacon, `beacon of ${event.site}`] as const)
  if (!event.reachable && event.kind === 'router.reachable') forgetServers(books, event)
  if (event.reachable && !book.has(label)) return
  book.lane(label, [singleTrack])
  book.turn(
    label,
    singleTrack.name,
    event.atMs,
    event.reachable ? { state: 'answers', tone: 'soft' } : { state: 'unreachable', tone: 'gone' },
  )
}

/** What a router said of its servers before it fell silent is no longer known. */
function forgetServers(books: Books, event: EventOf<'router.reachable'>): void {
  for (const [title, book] of books.routers) {
    if (title.startsWith(`${event.router}, `)) book.turnAll(event.atMs, null)
  }
}

function drawDualWritable(book: LaneBook, verdict: Verdict): void {
  if (verdict.dualWritable.length === 0) return
  book.lane(bothLane, [singleTrack])
  for (const { nodes, fromMs, toMs } of verdict.dualWritable) {
    book.turn(bothLane, singleTrack.name, fromMs, { state: nodes.join(' and '), tone: 'alarm' })
    book.turn(bothLane, singleTrack.name, toMs, null)
  }
}

function groupsOf(books: Books, lastMs: number): LaneGroup[] {
  const gone = (meaning: string): LegendEntry => ({ tone: 'gone', meaning })
  const both: LegendEntry[] = books.database.has(bothLane)
    ? [{ tone: 'alarm', meaning: 'two databases accept writes' }]
    : []
  const groups: LaneGroup[] = [
    {
      title: 'Databases',
      collapsed: false,
      lanes: books.database.close(lastMs),
      legend: [
        { tone: 'strong', meaning: 'primary' },
        { tone: 'soft', meaning: 'standby' },
        { tone: 'busy', meaning: 'starting' },
        gone('unreachable'),
        { tone: 'writable', meaning: 'accepts writes' },
        ...both,
      ],
    },
    {
      title: 'Leader key',
      collapsed: false,
      lanes: books.leader.close(lastMs),
      legend: [{ tone: 'strong', meaning: 'held' }, gone('no leader')],
    },
    ...[...books.routers].map(
      ([title, book]): LaneGroup => ({
        title,
        collapsed: false,
        lanes: book.close(lastMs),
        legend:
          title === routersTitle
            ? [{ tone: 'soft', meaning: 'answers' }, gone('unreachable')]
            : [{ tone: 'soft', meaning: 'up' }, { tone: 'busy', meaning: 'draining' }, gone('down')],
      }),
    ),
    {
      title: 'Beacons: each direction between sites',
      collapsed: true,
      lanes: books.beacon.close(lastMs),
      legend: [{ tone: 'soft', meaning: 'answers (upper row: existing connection, lower row: fresh)' }, gone('silent')],
    },
  ]
  return withinBudget(groups.filter((group) => group.lanes.length > 0))
}

/** More lanes than this are not readable. A group's title says how many are left out. */
const lanesShown = 200

function withinBudget(groups: readonly LaneGroup[]): LaneGroup[] {
  let left = lanesShown
  return groups.flatMap((group) => {
    const lanes = group.lanes.slice(0, left)
    left -= lanes.length
    const more = group.lanes.length - lanes.length
    return lanes.length === 0
      ? []
      : [{ ...group, lanes, title: more === 0 ? group.title : `${group.title} (and ${more} more in the journal)` }]
  })
}
