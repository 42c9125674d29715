/**
 * Client requests, kept by column. They are the bulk of a journal: a million of them as objects cost about 250 MB and a
 * second of garbage collection, as typed arrays about 75 MB and nothing.
 */
import { beyond, mostDistinctNames, mostRequestsRecorded } from './limits.ts'
import { outcomes } from './load.ts'
import { type RequestRow, RequestTexts, rowOf } from './row.ts'
import type { EventOf } from './schema.ts'
import { VersionColumns } from './versions.ts'

export type RequestEvent = EventOf<'request'>
export type Outcome = RequestEvent['outcome']

const firstCapacity = 1024
const ackedCode = outcomes.indexOf('acked')

/**
 * All requests of a trial, in the order of the journal. `table.at(i)` gives one as an event, `for (const request of
 * table)` all of them; the single-field readers (`table.scheduledMs(i)`) allocate nothing. An index out of range
 * throws.
 */
export class RequestTable {
  #length = 0
  #seq: Uint32Array<ArrayBuffer>
  #n: Uint32Array<ArrayBuffer>
  #atMs: Float64Array<ArrayBuffer>
  #scheduledMs: Float64Array<ArrayBuffer>
  #startedMs: Float64Array<ArrayBuffer>
  #endedMs: Float64Array<ArrayBuffer>
  #write: Uint8Array<ArrayBuffer>
  #outcome: Uint8Array<ArrayBuffer>
  #status: Int32Array<ArrayBuffer>
  #error: Uint32Array<ArrayBuffer>
  /** Names are few: limits.ts. */
  #node: Uint16Array<ArrayBuffer>
  #region: Uint16Array<ArrayBuffer>
  #database: Uint16Array<ArrayBuffer>
  /** Sessions and versions, where the answers say them. */
  readonly told: VersionColumns
  readonly texts = new RequestTexts()

  /** With room for so many requests; there may be more. Room that is not used takes no memory. */
  constructor({ capacity = firstCapacity }: { capacity?: number } = {}) {
    this.#seq = new Uint32Array(capacity)
    this.#n = new Uint32Array(capacity)
    this.#atMs = new Float64Array(capacity)
    this.#scheduledMs = new Float64Array(capacity)
    this.#startedMs = new Float64Array(capacity)
    this.#endedMs = new Float64Array(capacity)
    this.#write = new Uint8Array(capacity)
    this.#outcome = new Uint8Array(capacity)
    this.#status = new Int32Array(capacity)
    this.#error = new Uint32Array(capacity)
    this.#node = new Uint16Array(capacity)
    this.#region = new Uint16Array(capacity)
    this.#database = new Uint16Array(capacity)
    this.told = new VersionColumns({ capacity })
  }

  get length(): number {
    return this.#length
  }

  /** @throws JournalLimitError */
  push(event: RequestEvent): void {
    this.append(rowOf(event, this.texts))
  }

  /** The row's texts must be those of this table. @throws JournalLimitError */
  append(row: RequestRow): void {
    const i = this.#length
    if (i === mostRequestsRecorded) throw beyond('requests', mostRequestsRecorded)
    if (i === this.#n.length) this.#grow(Math.max(firstCapacity, 2 * i))
    this.#seq[i] = row.seq
    this.#n[i] = row.n
    this.#atMs[i] = row.atMs
    this.#scheduledMs[i] = row.scheduledMs
    this.#startedMs[i] = row.startedMs
    this.#endedMs[i] = row.endedMs
    this.#write[i] = row.write
    this.#outcome[i] = row.outcome
    this.#status[i] = row.status
    // Memory that nobody writes to is not used.
    if (row.error !== 0) this.#error[i] = row.error
    this.#node[i] = row.node
    this.#region[i] = row.region
    this.#database[i] = row.database
    this.told.set(i, row)
    this.#length = i + 1
  }

  /** Takes away what room is left, so that what is beyond the last request is out of range. */
  settle(): void {
    const length = this.#length
    this.#seq = this.#seq.subarray(0, length)
    this.#n = this.#n.subarray(0, length)
    this.#atMs = this.#atMs.subarray(0, length)
    this.#scheduledMs = this.#scheduledMs.subarray(0, length)
    this.#startedMs = this.#startedMs.subarray(0, length)
    this.#endedMs = this.#endedMs.subarray(0, length)
    this.#write = this.#write.subarray(0, length)
    this.#outcome = this.#outcome.subarray(0, length)
    this.#status = this.#status.subarray(0, length)
    this.#error = this.#error.subarray(0, length)
    this.#node = this.#node.subarray(0, length)
    this.#region = this.#region.subarray(0, length)
    this.#database = this.#database.subarray(0, length)
  }

  at(i: number): RequestEvent {
    const event: RequestEvent = {
      seq: this.seq(i),
      atMs: this.atMs(i),
      kind: 'request',
      n: this.n(i),
      op: this.isWrite(i) ? 'write' : 'read',
      scheduledMs: this.scheduledMs(i),
      startedMs: this.startedMs(i),
      endedMs: this.endedMs(i),
      outcome: this.outcome(i),
      status: this.status(i),
    }
    const error = this.error(i)
    const node = this.node(i)
    const region = this.region(i)
    const database = this.database(i)
    // By a spread of each, an event takes three times as long.
    if (error !== undefined) event.error = error
    if (node !== undefined) event.node = node
    if (region !== undefined) event.region = region
    if (database !== undefined) event.database = database
    return this.told.addTo(event, i)
  }

  *[Symbol.iterator](): IterableIterator<RequestEvent> {
    for (let i = 0; i < this.#length; i++) yield this.at(i)
  }

  // Each reads its own column by itself: through one function for all of them it takes twice as long.
  seq(i: number): number {
    return this.#seq[i] ?? missing(i)
  }
  n(i: number): number {
    return this.#n[i] ?? missing(i)
  }
  atMs(i: number): number {
    return this.#atMs[i] ?? missing(i)
  }
  scheduledMs(i: number): number {
    return this.#scheduledMs[i] ?? missing(i)
  }
  startedMs(i: number): number {
    return this.#startedMs[i] ?? missing(i)
  }
  endedMs(i: number): number {
    return this.#endedMs[i] ?? missing(i)
  }
  isWrite(i: number): boolean {
    return (this.#write[i] ?? missing(i)) === 1
  }
  isAcked(i: number): boolean {
    return (this.#outcome[i] ?? missing(i)) === ackedCode
  }
  outcome(i: number): Outcome {
    return outcomes[this.#outcome[i] ?? missing(i)] ?? 'unknown'
  }
  status(i: number): number {
    return this.#status[i] ?? missing(i)
  }
  error(i: number): string | undefined {
    return this.texts.errors.text(this.#error[i] ?? missing(i))
  }
  node(i: number): string | undefined {
    return this.texts.names.text(this.#node[i] ?? missing(i))
  }
  region(i: number): string | undefined {
    return this.texts.names.text(this.#region[i] ?? missing(i))
  }
  /** The database behind the answer. */
  database(i: number): string | undefined {
    return this.texts.names.text(this.#database[i] ?? missing(i))
  }

  /** A whole number that requests share which the same node, region and database answered. */
  answerer(i: number): number {
    const names = mostDistinctNames + 1
    const place = (this.#node[i] ?? missing(i)) * names + (this.#region[i] ?? missing(i))
    return place * names + (this.#database[i] ?? missing(i))
  }

  /** Column by column, so that the old and the new copy of only one column are alive at a time. */
  #grow(capacity: number): void {
    this.#seq = grown(this.#seq, new Uint32Array(capacity))
    this.#n = grown(this.#n, new Uint32Array(capacity))
    this.#atMs = grown(this.#atMs, new Float64Array(capacity))
    this.#scheduledMs = grown(this.#scheduledMs, new Float64Array(capacity))
    this.#startedMs = grown(this.#startedMs, new Float64Array(capacity))
    this.#endedMs = grown(this.#endedMs, new Float64Array(capacity))
    this.#write = grown(this.#write, new Uint8Array(capacity))
    this.#outcome = grown(this.#outcome, new Uint8Array(capacity))
    this.#status = grown(this.#status, new Int32Array(capacity))
    this.#error = grown(this.#error, new Uint32Array(capacity))
    this.#node = grown(this.#node, new Uint16Array(capacity))
    this.#region = grown(this.#region, new Uint16Array(capacity))
    this.#database = grown(this.#database, new Uint16Array(capacity))
  }
}

function grown<C extends { set(from: C): void }>(from: C, to: C): C {
  to.set(from)
  return to
}

function missing(i: number): never {
  throw new RangeError(`request ${i} of a table that is shorter`)
}
