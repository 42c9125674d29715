/**
 * Chooses the events that get a permanent line in the live output, words them, and remembers what was already shown.
 */
import { cutOff } from '../journal/load.ts'
import type { EventOf, JournalEvent, MilestoneEvent } from '../journal/schema.ts'
import { changeOf } from '../report/changes.ts'
import { counted, listed, offset, sinceStart } from '../report/format.ts'
import { type Mood as EventMood, moodOf } from '../report/mood.ts'
import type { LiveState } from './state.ts'

/**
 * The length of the judge's recovery window. The judge allows a small share of failures in it; here there must be none.
 */
const calmMs = 5000
const calmRequests = 200
/** A router reports its servers one by one. Where it sends writes is news once the reports have stopped. */
const routerSettleMs = 150

export type Mood = EventMood | 'quiet'
export interface News {
  atMs: number
  text: string
  mood: Mood
}
interface RouterNews {
  up: Set<string>
  told: string
  changedMs: number | null
}

export class LiveNews {
  readonly #state: LiveState
  readonly #routers = new Map<string, RouterNews>()
  #failing = false
  #lastFailureMs = 0
  #ackedSinceFailure = 0
  #toldSplit = false

  constructor(state: LiveState) {
    this.#state = state
  }

  /** Must be called for an event after the state was. `leaderNews`: whether it is the first report of this change. */
  of(event: JournalEvent, leaderNews: boolean): News[] {
    switch (event.kind) {
      case 'request':
        return this.#request(event)
      case 'router.server':
        return this.#router(event)
      case 'dcs.leader':
        return leaderNews ? this.#told(event) : []
      case 'database.writable':
        return this.#writable(event)
      // Who is a standby or gone shows in the table; a new primary is news.
      case 'database.role':
        return this.#state.zeroMs !== null && event.role === 'primary' ? this.#told(event) : []
      case 'stage.entered':
        return [
          {
            atMs: event.atMs,
            text: `stage: ${event.stage}${event.detail === undefined ? '' : `: ${event.detail}`}`,
            mood: 'quiet',
          },
        ]
      case 'audit.read':
        return [{ atMs: event.atMs, text: `read all of ${event.node}: ${counted(event.rows, 'row')}`, mood: 'quiet' }]
      case 'load.ended':
        return event.dropped !== 0 ? this.#told(event) : []
      case 'fault.requested':
      case 'fault.proved':
      case 'fault.unproved':
      case 'fault.lapsed':
      case 'heal.requested':
      case 'heal.proved':
      case 'heal.failed':
      case 'instrument.failed':
      case 'audit.failed':
      case 'redundant':
      case 'note':
      case 'trial.closed':
        return this.#told(event)
      default:
        return []
    }
  }

  /** News that only time brings. */
  tick(nowMs: number): News[] {
    const news: News[] = []
    for (const [router, known] of this.#routers) {
      if (known.changedMs === null || nowMs - known.changedMs < routerSettleMs) continue
      const servers = [...known.up].toSorted()
      const text = `${router} sends writes to ${servers.length === 0 ? 'no server' : listed(servers)}`
      if (text !== known.told && this.#state.zeroMs !== null)
        news.push({ atMs: known.changedMs, text, mood: servers.length === 0 ? 'bad' : 'plain' })
      known.told = text
      known.changedMs = null
    }
    if (this.#failing && nowMs - this.#lastFailureMs >= calmMs && this.#ackedSinceFailure >= calmRequests) {
      this.#failing = false
      news.push({
        atMs: nowMs,
        text: `clients are served again: no failure since ${this.#moment(this.#lastFailureMs)}`,
        mood: 'good',
      })
    }
    return news
  }

  #request(event: EventOf<'request'>): News[] {
    if (event.outcome === 'acked') {
      this.#ackedSinceFailure += 1
      return []
    }
    if (event.error === cutOff) return []
    const first = !this.#failing
    this.#failing = true
    this.#lastFailureMs = Math.max(this.#lastFailureMs, event.endedMs)
    this.#ackedSinceFailure = 0
    if (!first) return []
    const what = event.status > 0 ? `answered ${event.status}` : (event.error ?? 'no answer')
    return [{ atMs: event.endedMs, text: `requests fail: a ${event.op}, ${what}`, mood: 'bad' }]
  }

  #router(event: EventOf<'router.server'>): News[] {
    if (!event.writes) return []
    const known = this.#routers.get(event.router) ?? { up: new Set<string>(), told: '', changedMs: null }
    this.#routers.set(event.router, known)
    if (event.state === 'up') known.up.add(event.server)
    else known.up.delete(event.server)
    known.changedMs = event.atMs
    return []
  }

  #writable(event: EventOf<'database.writable'>): News[] {
    const accepting = this.#state.accepting()
    const split = accepting.length > 1 && !this.#state.multiPrimary
    const news = this.#told(event)
    if (split && !this.#toldSplit)
      news.push({ atMs: event.atMs, text: `two databases accept writes: ${listed(accepting)}`, mood: 'bad' })
    this.#toldSplit = split
    return news
  }

  #moment(ms: number): string {
    return this.#state.zeroMs === null ? sinceStart(ms) : offset(ms - this.#state.zeroMs)
  }

  #told(event: MilestoneEvent): News[] {
    const change = changeOf(event, this.#state.faultNames)
    return change === null ? [] : [{ atMs: change.atMs, text: change.text, mood: moodOf(event) }]
  }
}
