/**
 * The journal's writer. Requests are written in batches of at most 20 ms, everything else at once (and the pending
 * requests before it), with blocking writes into the page cache: they take some ten microseconds, keep the order
 * without a queue, and what they wrote survives SIGKILL of this process. Only `close` waits for the disk itself.
 */
import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, writeSync } from 'node:fs'
import { InstrumentError, messageOf } from '../errors.ts'
import { checkEvent } from './check.ts'
import { type Clock, startClock } from './clock.ts'
import type { EventBody, EventKind, EventOf, JournalEvent, Recorder } from './schema.ts'

export { type Clock, startClock } from './clock.ts'

const batchMs = 20
const batchChars = 1 << 16

export type Listener<K extends EventKind | '*'> = (event: K extends EventKind ? EventOf<K> : JournalEvent) => void

/** The journal's file cannot take more events: a full disk, most often. What was written before stays readable. */
export class JournalWriteError extends InstrumentError {
  override readonly name = 'JournalWriteError'
  readonly path: string

  constructor(path: string, cause: unknown) {
    super(
      `cannot write the journal ${path}: ${messageOf(cause)}; events from here on are lost and the trial is inconclusive`,
      { cause },
    )
    this.path = path
  }
}

export interface Journal extends AsyncDisposable {
  readonly path: string
  readonly clock: Clock
  /**
   * Appends an event. `atMs` defaults to now. Never throws: an event that breaks the schema is replaced by an
   * `instrument.failed` that says so, and a file that cannot be written shows in `failed`.
   */
  readonly record: Recorder
  /** Calls `listener` for each later event of a kind, or of every kind. Returns the way to stop. */
  on<K extends EventKind | '*'>(kind: K, listener: Listener<K>): () => void
  /** Settles, with the error, when the file cannot be written any more; pending for ever otherwise. Never rejects. */
  readonly failed: Promise<JournalWriteError>
  /** The same error, for callers that cannot wait. */
  readonly failure: JournalWriteError | undefined
  /** Writes what is pending. */
  flush(): void
  /** Writes what is pending, waits for the disk, closes the file. Twice is harmless; events after it are dropped. */
  close(): Promise<void>
}

/** Starts a journal in a new file. Throws when the file cannot be created or already holds something. */
export function openJournal(path: string, clock: Clock = startClock()): Journal {
  return new FileJournal(path, clock)
}

class FileJournal implements Journal {
  readonly path: string
  readonly clock: Clock
  readonly failed: Promise<JournalWriteError>
  failure: JournalWriteError | undefined
  readonly #fail: (error: JournalWriteError) => void
  readonly #fd: number
  readonly #listeners = new Map<EventKind | '*', Set<(event: JournalEvent) => void>>()
  #seq = 0
  #pending = ''
  #timer: NodeJS.Timeout | undefined
  /** Bytes of whole lines in the file. */
  #writtenBytes = 0
  #closed = false

  constructor(path: string, clock: Clock) {
    this.path = path
    this.clock = clock
    const failed = Promise.withResolvers<JournalWriteError>()
    this.failed = failed.promise
    this.#fail = failed.resolve
    this.#fd = openEmpty(path)
  }

  readonly record: Recorder = (body, atMs = this.clock.nowMs()) => {
    if (this.#closed) return
    const stamped = this.#stamp(body, atMs)
    const checked = checkEvent(stamped)
    const event =
      'event' in checked
        ? stamped
        : this.#stamp(
            {
              kind: 'instrument.failed',
              instrument: 'journal',
              reason: `an event that breaks the journal's schema was not written: ${checked.reason}`,
            },
            this.clock.nowMs(),
          )
    this.#seq++
    this.#append(event)
    this.#tell(event)
  }

  on<K extends EventKind | '*'>(kind: K, listener: Listener<K>): () => void {
    const listeners = this.#listeners.get(kind) ?? new Set()
    this.#listeners.set(kind, listeners)
    // The map's key guarantees that a listener only ever gets events of its kind.
    const untyped = listener as (event: JournalEvent) => void
    listeners.add(untyped)
    return () => void listeners.delete(untyped)
  }

  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#pending === '' || this.failure !== undefined) return
    const bytes = Buffer.from(this.#pending)
    this.#pending = ''
    try {
      for (let from = 0; from < bytes.length; ) from += writeSync(this.#fd, bytes, from)
      this.#writtenBytes += bytes.length
    } catch (cause) {
      this.#giveUp(cause)
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.flush()
    try {
      if (this.failure === undefined) fsyncSync(this.#fd)
    } catch (cause) {
      this.#giveUp(cause)
    } finally {
      closeSync(this.#fd)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** Microseconds are finer than any of our instruments and save a tenth of the file. */
  #stamp(body: EventBody, atMs: number): JournalEvent {
    return { seq: this.#seq, atMs: Math.round(atMs * 1000) / 1000, ...body }
  }

  #append(event: JournalEvent): void {
    if (this.failure !== undefined) return
    this.#pending += `${JSON.stringify(event)}\n`
    if (event.kind !== 'request' || this.#pending.length > batchChars) this.flush()
    else this.#timer ??= setTimeout(() => this.flush(), batchMs)
  }

  #tell(event: JournalEvent): void {
    for (const kind of [event.kind, '*'] as const) {
      for (const listener of this.#listeners.get(kind) ?? []) {
        try {
          listener(event)
        } catch (error) {
          // A broken view of the trial must not cost the trial; it is dropped, and the journal says so.
          this.#listeners.get(kind)?.delete(listener)
          this.record({ kind: 'note', text: `a listener to "${kind}" failed and was removed: ${messageOf(error)}` })
        }
      }
    }
  }

  #giveUp(cause: unknown): void {
    this.failure = new JournalWriteError(this.path, cause)
    this.#pending = ''
    try {
      // Cutting off the torn line needs no space. Where it fails (a device, a pipe) the reader tolerates the torn line.
      ftruncateSync(this.#fd, this.#writtenBytes)
    } catch {
      /* the write error above is the one that matters */
    }
    this.#fail(this.failure)
  }
}

function openEmpty(path: string): number {
  const fd = openSync(path, 'a')
  if (fstatSync(fd).size === 0) return fd
  closeSync(fd)
  throw new Error(
    `cannot start a journal in ${path}: the file holds something already, and a journal is never overwritten`,
  )
}
