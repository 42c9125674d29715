/**
 * Client requests, kept by column. They are the bulk of a journal: a million of them as objects cost about 250 MB and a
 * second of garbage collection, as typed arrays about 60 MB and nothing.
 */
import { beyond, mostDistinctNames, mostRequestsRecorded } from './limits.ts'
import { outcomes } from './load.ts'
import type { EventOf } from './schema.ts'
import { VersionColumns } from './versions.ts'

export type RequestEvent = EventOf<'request'>
export type Outcome = RequestEvent['outcome']

const firstCapacity = 1024
const ackedCode = outcomes.indexOf('acked')

/** Strings by small number; 0 stands for "absent". */
class Dictionary {
  readonly #codes = new Map<string, number>()
  readonly #texts: (string | undefined)[] = [undefined]
  readonly #most: number

  constructor({ most }: { most: number }) {
    this.#most = most
  }

  code(text: string | undefined): number {
    if (text === undefined) return 0
    const known = this.#codes.get(text)
    if (known !== undefined) return known
    if (this.#texts.length > this.#most) throw beyond('different names of nodes and regions in requests', this.#most)
    this.#codes.set(text, this.#texts.length)
    return this.#texts.push(text) - 1
  }

  text(code: number): string | undefined {
    return this.#texts[code]
  }
}

/**
 * All requests of a trial, in the order of the journal. `table.at(i)` gives one as an event, `for (const request of
 * table)` all of them; the single-field readers (`table.scheduledMs(i)`) allocate nothing. An index out of range
 * throws.
 */
export class RequestTable {
  #length = 0
  #seq = new Uint32Array(firstCapacity)
  #n = new Uint32Array(firstCapacity)
  #atMs = new Float64Array(firstCapacity)
  #scheduledMs = new Float64Array(firstCapacity)
  #startedMs = new Float64Array(firstCapacity)
  #endedMs = new Float64Array(firstCapacity)
  #write = new Uint8Array(firstCapacity)
  #outcome = new Uint8Array(firstCapacity)
  #status = new Int32Array(firstCapacity)
  #error = new Uint32Array(firstCapacity)
  #node = new Uint32Array(firstCapacity)
  #region = new Uint32Array(firstCapacity)
  #database = new Uint32Array(firstCapacity)
  /** Sessions and versions, where the answers say them. */
  readonly told = new VersionColumns()
  readonly #names = new Dictionary({ most: mostDistinctNames })
  /** An error may name a port, and so differ from request to request. */
  readonly #errors = new Dictionary({ most: mostRequestsRecorded })

  get length(): number {
    return this.#length
  }

  push(event: RequestEvent): void {
    const i = this.#length
    if (i === this.#n.length) this.#grow()
    if (i === mostRequestsRecorded) throw beyond('requests', mostRequestsRecorded)
    this.#seq[i] = event.seq
    this.#n[i] = event.n
    this.#atMs[i] = event.atMs
    this.#scheduledMs[i] = event.scheduledMs
    this.#startedMs[i] = event.startedMs
    this.#endedMs[i] = event.endedMs
    this.#write[i] = event.op === 'write' ? 1 : 0
    this.#outcome[i] = outcomes.indexOf(event.outcome)
    this.#status[i] = event.status
    this.#error[i] = this.#errors.code(event.error)
    this.#node[i] = this.#names.code(event.node)
    this.#region[i] = this.#names.code(event.region)
    this.#database[i] = this.#names.code(event.database)
    this.told.set(i, event)
    this.#length = i + 1
  }

  at(i: number): RequestEvent {
    const error = this.error(i)
    const node = this.#names.text(read(this.#node, i))
    const region = this.region(i)
    const database = this.database(i)
    return {
      seq: read(this.#seq, i),
      atMs: this.atMs(i),
      kind: 'request',
      n: this.n(i),
      op: this.isWrite(i) ? 'write' : 'read',
      scheduledMs: this.scheduledMs(i),
      startedMs: this.startedMs(i),
      endedMs: this.endedMs(i),
      outcome: this.outcome(i),
      status: read(this.#status, i),
      ...(error === undefined ? {} : { error }),
      ...(node === undefined ? {} : { node }),
      ...(region === undefined ? {} : { region }),
      ...(database === undefined ? {} : { database }),
      ...this.told.at(i),
    }
  }

  *[Symbol.iterator](): IterableIterator<RequestEvent> {
    for (let i = 0; i < this.#length; i++) yield this.at(i)
  }

  n(i: number): number {
    return read(this.#n, i)
  }
  atMs(i: number): number {
    return read(this.#atMs, i)
  }
  scheduledMs(i: number): number {
    return read(this.#scheduledMs, i)
  }
  startedMs(i: number): number {
    return read(this.#startedMs, i)
  }
  endedMs(i: number): number {
    return read(this.#endedMs, i)
  }
  isWrite(i: number): boolean {
    return read(this.#write, i) === 1
  }
  isAcked(i: number): boolean {
    return read(this.#outcome, i) === ackedCode
  }
  region(i: number): string | undefined {
    return this.#names.text(read(this.#region, i))
  }
  /** The database behind the answer. */
  database(i: number): string | undefined {
    return this.#names.text(read(this.#database, i))
  }
  node(i: number): string | undefined {
    return this.#names.text(read(this.#node, i))
  }
  status(i: number): number {
    return read(this.#status, i)
  }
  error(i: number): string | undefined {
    return this.#errors.text(read(this.#error, i))
  }

  outcome(i: number): Outcome {
    return outcomes[read(this.#outcome, i)] ?? 'unknown'
  }

  /** Column by column, so that the old and the new copy of only one column are alive at a time. */
  #grow(): void {
    const capacity = this.#n.length * 2
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
    this.#node = grown(this.#node, new Uint32Array(capacity))
    this.#region = grown(this.#region, new Uint32Array(capacity))
    this.#database = grown(this.#database, new Uint32Array(capacity))
  }
}

type Column = Uint8Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Float64Array<ArrayBuffer>

function grown<C extends Column>(from: C, to: C): C {
  to.set(from)
  return to
}

function read(column: Column, i: number): number {
  const value = column[i]
  if (value === undefined) throw new RangeError(`request ${i} of a table that is shorter`)
  return value
}
