/** The log: what observers saw and what was done, in the words of the report, and which nodes each is about. Pure. */
import type { EventOf, JournalEvent, MilestoneEvent } from '../journal/schema.ts'
import { changeOf } from '../report/changes.ts'
import { type Mood, moodOf } from '../report/mood.ts'

export interface LogLine {
  atMs: number
  observer: string
  text: string
  mood: Mood
  /** Nodes, links and sites that it is about. */
  about: string[]
}

/** The faults of a trial: what they are called where there are several, and what they act on. */
export interface KnownFaults {
  names: ReadonlyMap<string, string>
  about: ReadonlyMap<string, string[]>
}

/** The line of an event; undefined for one that is no news by itself. */
export function logLineOf(event: JournalEvent, faults: KnownFaults): LogLine | undefined {
  if (event.kind === 'request') return undefined
  if (event.kind === 'stage.entered') return stageLine(event)
  const change = changeOf(event, faults.names)
  if (change === null) return undefined
  const { atMs, observer, text } = change
  return { atMs, observer, text, mood: moodOf(event), about: aboutOf(event, faults.about) }
}

function stageLine({ atMs, stage, detail }: EventOf<'stage.entered'>): LogLine {
  const text = `stage: ${stage}${detail === undefined ? '' : `: ${detail}`}`
  return { atMs, observer: 'harness', text, mood: 'plain', about: [] }
}

function aboutOf(event: MilestoneEvent, faults: KnownFaults['about']): string[] {
  if (event.kind !== 'fault.requested' && 'faultId' in event) return faults.get(event.faultId) ?? []
  switch (event.kind) {
    case 'fault.requested':
      return [...event.nodes, ...event.links]
    case 'dcs.leader':
      return event.leader === null ? [event.member] : [event.member, event.leader]
    case 'database.role':
    case 'database.writable':
    case 'node.started':
    case 'audit.read':
    case 'audit.failed':
    case 'audit.progress':
      return [event.node]
    case 'database.replication':
      return [event.primary, ...event.standbys.map(({ node }) => node)]
    case 'router.server':
      return [event.router, event.server]
    case 'router.reachable':
      return [event.router]
    case 'beacon.edge':
      return [event.from, event.to]
    case 'beacon.heard':
      return [event.from, event.at]
    case 'beacon.reachable':
      return [event.site]
    case 'redundant':
      return [event.primary, ...event.standbys]
    default:
      return []
  }
}
