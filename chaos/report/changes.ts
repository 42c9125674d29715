/** Words for the events that get a line, shared by the report's table of changes and the live view. */
import type { EventOf, JournalEvent } from '../journal/schema.ts'
import { requestedFault } from '../judge/words.ts'
import { counted, duration, listed } from './format.ts'

export interface Change {
  atMs: number
  observer: string
  text: string
  uncertaintyMs: number | null
}

/**
 * What happened in one sentence, or null for events that are not news by themselves. `faultNames`: fault → name, where
 * a trial has several and "heal requested" would not say of which.
 */
export function changeOf(event: JournalEvent, faultNames: ReadonlyMap<string, string> = new Map()): Change | null {
  const text = faultWords(event, faultNames) ?? clusterWords(event) ?? networkWords(event) ?? trialWords(event)
  if (text === null) return null
  return {
    atMs: event.atMs,
    observer: observerOf(event),
    text,
    uncertaintyMs: 'uncertaintyMs' in event ? event.uncertaintyMs : null,
  }
}

function observerOf(event: JournalEvent): string {
  if (event.kind === 'dcs.leader') return `dcs watch at ${event.member}`
  if (event.kind.startsWith('database.') || event.kind === 'redundant') return 'database probe'
  if (event.kind.startsWith('router.')) return 'router probe'
  return event.kind.startsWith('beacon.') ? 'beacon mesh' : 'harness'
}

function faultWords(event: JournalEvent, faultNames: ReadonlyMap<string, string>): string | null {
  const name = 'faultId' in event ? faultNames.get(event.faultId) : undefined
  const which = name === undefined ? '' : ` of ${name}`
  const fault = name === undefined ? 'fault' : `fault ${name}`
  switch (event.kind) {
    case 'fault.requested':
      return `fault requested: ${requestedFault(event)}`
    case 'fault.acted':
      return `${fault} acted: ${counted(event.acts, 'act')} within ${duration(event.spreadMs)}`
    case 'fault.proved':
      return `${fault} proved${evidenceWords(event.evidence)}`
    case 'fault.unproved':
      return `${fault} not proved: ${event.reason}`
    case 'fault.lapsed':
      return `${fault} did not last: ${event.evidence.join('; ')}, ${duration(event.afterMs)} after it was proved`
    case 'heal.requested':
      return `heal${which} requested`
    case 'heal.acted':
      return `heal${which} acted in ${duration(event.tookMs)}`
    case 'heal.proved':
      return `heal${which} proved${evidenceWords(event.evidence)}`
    case 'heal.failed':
      return `heal${which} failed: ${event.reason}`
    default:
      return null
  }
}

/** The names of a trial's faults, for `changeOf`; empty where there is only one, which needs no telling apart. */
export function namesOfFaults(requested: Iterable<EventOf<'fault.requested'>>): Map<string, string> {
  const names = new Map([...requested].map((event) => [event.faultId, requestedFault(event)]))
  return names.size > 1 ? names : new Map()
}

function evidenceWords(evidence: readonly string[]): string {
  if (evidence.length === 0) return ''
  const more = evidence.length > 2 ? `, and ${evidence.length - 2} more` : ''
  return `: ${evidence.slice(0, 2).join(', ')}${more}`
}

function clusterWords(event: JournalEvent): string | null {
  switch (event.kind) {
    case 'dcs.leader':
      return event.leader === null ? 'leader key gone' : `leader key held by ${event.leader}`
    case 'database.role':
      return `${event.node} is ${event.role}${timelineWords(event.timeline)}${reasonWords(event.reason)}`
    case 'database.writable':
      return `${event.node} ${event.accepting ? 'accepts' : 'no longer accepts'} writes${timelineWords(event.timeline)}${reasonWords(event.reason)}`
    case 'redundant':
      return `redundant again: ${event.primary} with ${listed(event.standbys)}`
    default:
      return null
  }
}

function timelineWords(timeline: number | null): string {
  return timeline === null ? '' : `, timeline ${timeline}`
}

function reasonWords(reason: string | undefined): string {
  return reason === undefined || reason === '' ? '' : ` (${reason})`
}

function networkWords(event: JournalEvent): string | null {
  switch (event.kind) {
    case 'router.server':
      return `${event.router}: ${event.server} is ${event.state} in ${event.backend}`
    case 'router.reachable':
      return `${event.router} ${event.reachable ? 'answers' : 'does not answer'}`
    case 'beacon.edge':
      return `${event.from} → ${event.to} ${event.up ? 'answers' : 'is silent'} on ${connectionWords(event)}`
    case 'beacon.reachable':
      return `beacon of ${event.site} ${event.reachable ? 'answers' : 'does not answer'}`
    default:
      return null
  }
}

function connectionWords(event: EventOf<'beacon.edge'>): string {
  return event.connection === 'existing' ? 'its existing connection' : 'fresh connections'
}

function trialWords(event: JournalEvent): string | null {
  switch (event.kind) {
    case 'instrument.failed':
      return `instrument failed: ${event.instrument}: ${event.reason}`
    case 'note':
      return event.text
    case 'load.ended':
      if (event.dropped === null) return 'load ended; how many arrivals were dropped is not known'
      return event.dropped > 0 ? `load ended; ${counted(event.dropped, 'arrival')} dropped` : 'load ended'
    case 'audit.failed':
      return `could not read ${event.node}: ${event.reason}`
    case 'trial.closed':
      return event.reason === 'completed' ? null : `trial ${event.reason}${reasonWords(event.detail)}`
    default:
      return null
  }
}
