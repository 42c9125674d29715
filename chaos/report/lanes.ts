/** Lanes: the states of each subject over time. Pure data; `page/lanes.ts` draws them. */

/**
 * How a state is drawn. Form differs as well as colour: `strong` and `soft` are full bars, `busy` a half-high one,
 * `gone` a thin line, `writable` and `alarm` bars of their own rows.
 */
export type Tone = 'strong' | 'other' | 'soft' | 'busy' | 'gone' | 'writable' | 'alarm'
export interface Spell {
  fromMs: number
  toMs: number
  state: string
  tone: Tone
}
export interface Track {
  name: string
  heightPx: number
  spells: Spell[]
}
export interface Gap {
  fromMs: number
  toMs: number
  reason: string
}
export interface Lane {
  label: string
  tracks: Track[]
  gaps: Gap[]
}
export interface LegendEntry {
  tone: Tone
  meaning: string
}
export interface LaneGroup {
  title: string
  legend: LegendEntry[]
  lanes: Lane[]
  collapsed: boolean
}

interface OpenSpell {
  sinceMs: number
  state: string
  tone: Tone
}
interface Entry {
  lane: Lane
  open: Map<string, OpenSpell>
}

/** Collects changes of state, in the order of the journal, and turns them into spells. */
export class LaneBook {
  readonly #entries = new Map<string, Entry>()

  /** Makes the lane known, so that lanes keep a stable order however late their first event comes. */
  lane(label: string, tracks: readonly { name: string; heightPx: number }[]): void {
    if (this.#entries.has(label)) return
    this.#entries.set(label, {
      lane: { label, tracks: tracks.map((track) => ({ ...track, spells: [] })), gaps: [] },
      open: new Map(),
    })
  }

  has(label: string): boolean {
    return this.#entries.has(label)
  }

  /** From `atMs` the track is in this state; `null` when it is in none that is worth drawing. */
  turn(label: string, track: string, atMs: number, next: { state: string; tone: Tone } | null): void {
    const entry = this.#entries.get(label)
    if (entry === undefined) return
    const before = entry.open.get(track)
    if (before !== undefined && next !== null && before.state === next.state) return
    this.#end(entry, track, atMs)
    if (next !== null) entry.open.set(track, { sinceMs: atMs, ...next })
  }

  /** All tracks of all lanes at once. */
  turnAll(atMs: number, next: { state: string; tone: Tone } | null): void {
    for (const { lane } of this.#entries.values()) {
      for (const track of lane.tracks) this.turn(lane.label, track.name, atMs, next)
    }
  }

  gap(label: string, gap: Gap): void {
    this.#entries.get(label)?.lane.gaps.push(gap)
  }

  close(atMs: number): Lane[] {
    for (const entry of this.#entries.values()) {
      for (const track of [...entry.open.keys()]) this.#end(entry, track, atMs)
    }
    return [...this.#entries.values()].map((entry) => entry.lane)
  }

  #end(entry: Entry, track: string, atMs: number): void {
    const open = entry.open.get(track)
    entry.open.delete(track)
    if (open === undefined || atMs <= open.sinceMs) return
    entry.lane.tracks
      .find((candidate) => candidate.name === track)
      ?.spells.push({ fromMs: open.sinceMs, toMs: atMs, state: open.state, tone: open.tone })
  }
}

/** A lane in words, for those who do not see it: at most so many spells of each track. */
export function describeLane(lane: Lane, moment: (ms: number) => string, atMost = 12): string {
  return lane.tracks
    .map((track) => {
      const spells = track.spells
        .slice(0, atMost)
        .map((spell) => `${spell.state} from ${moment(spell.fromMs)} to ${moment(spell.toMs)}`)
      const more = track.spells.length > atMost ? `, and ${track.spells.length - atMost} more` : ''
      return `${track.name}: ${spells.length === 0 ? 'nothing observed' : spells.join(', ')}${more}`
    })
    .join('. ')
}
