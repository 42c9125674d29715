/** Whether an event is good or bad news, for whatever shows it as it comes. Pure. */
import type { MilestoneEvent } from '../journal/schema.ts'

export type Mood = 'plain' | 'bad' | 'good'

export function moodOf(event: MilestoneEvent): Mood {
  switch (event.kind) {
    case 'fault.requested':
    case 'fault.unproved':
    case 'fault.lapsed':
    case 'heal.failed':
    case 'instrument.failed':
    case 'audit.failed':
      return 'bad'
    // Arrivals that were dropped, or of which nobody knows whether they were.
    case 'load.ended':
      return event.dropped === 0 ? 'plain' : 'bad'
    case 'dcs.leader':
      return event.leader === null ? 'bad' : 'plain'
    case 'database.role':
      return event.role === 'unreachable' ? 'bad' : 'plain'
    case 'router.reachable':
      return event.reachable ? 'plain' : 'bad'
    case 'beacon.edge':
      return event.up ? 'plain' : 'bad'
    case 'heal.proved':
    case 'redundant':
      return 'good'
    default:
      return 'plain'
  }
}
