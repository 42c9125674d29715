/** A journal in memory, as the judge and the report read it: `of(kind)` gives the events of one kind in order. */
import { JournalCounter } from './counter.ts'
import { RequestTable } from './requests.ts'
import type { RequestRow } from './row.ts'
import type { EventOf, JournalEvent, MilestoneEvent, MilestoneKind } from './schema.ts'

export interface RecordedJournal {
  /** The first event: scenario, topology, versions. */
  readonly opened: EventOf<'trial.opened'>
  /** All events but requests, in the order they were written (including `opened`). */
  readonly milestones: readonly MilestoneEvent[]
  readonly requests: RequestTable
  /** False when the file ends in the middle of a line: the writer was killed or the disk was full. */
  readonly complete: boolean
  /** First place where `seq` does not count on by one; events were lost or reordered there. */
  readonly sequenceBreak: { readonly line: number; readonly expected: number; readonly found: number } | null
  /** `atMs` of the latest event. */
  readonly lastAtMs: number
  /** The milestones of one kind, in the order they were written. */
  of<K extends MilestoneKind>(kind: K): readonly EventOf<K>[]
}

/**
 * Collects events one by one and turns them into a `RecordedJournal`. Throws when the first is not `trial.opened`, and
 * JournalLimitError.
 */
export class JournalCollector {
  readonly #milestones: MilestoneEvent[] = []
  readonly #requests: RequestTable
  readonly #counter = new JournalCounter()
  #opened: EventOf<'trial.opened'> | undefined
  #sequenceBreak: RecordedJournal['sequenceBreak'] = null
  #lastAtMs = 0
  #count = 0

  constructor({ requests = new RequestTable() }: { requests?: RequestTable } = {}) {
    this.#requests = requests
  }

  add(event: JournalEvent): void {
    if (this.#opened === undefined) {
      if (event.kind !== 'trial.opened') throw new Error(`a journal starts with trial.opened, not with ${event.kind}`)
      this.#opened = event
    }
    this.#follow(event)
    if (event.kind === 'request') this.#requests.push(event)
    else {
      this.#counter.add(event)
      this.#milestones.push(event)
    }
  }

  /** A request, in the table's own form. Not the first event. */
  addRequest(row: RequestRow): void {
    this.#follow(row)
    this.#requests.append(row)
  }

  #follow({ seq, atMs }: { seq: number; atMs: number }): void {
    if (seq !== this.#count && this.#sequenceBreak === null)
      this.#sequenceBreak = { line: this.#count + 1, expected: this.#count, found: seq }
    this.#count++
    if (atMs > this.#lastAtMs) this.#lastAtMs = atMs
  }

  finish(options: { complete: boolean }): RecordedJournal {
    if (this.#opened === undefined) throw new Error('the journal holds no event')
    this.#requests.settle()
    const byKind = Map.groupBy(this.#milestones, (event) => event.kind)
    return {
      opened: this.#opened,
      milestones: this.#milestones,
      requests: this.#requests,
      complete: options.complete,
      sequenceBreak: this.#sequenceBreak,
      lastAtMs: this.#lastAtMs,
      of: <K extends MilestoneKind>(kind: K) => (byKind.get(kind) ?? []) as unknown as readonly EventOf<K>[],
    }
  }
}

/** A journal from events that are already in memory, for example in tests. */
export function recordedJournal(events: Iterable<JournalEvent>): RecordedJournal {
  const collector = new JournalCollector()
  for (const event of events) collector.add(event)
  return collector.finish({ complete: true })
}
