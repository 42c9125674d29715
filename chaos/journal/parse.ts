/** NDJSON lines → journal. Pure; `read.ts` feeds it a file. */
import { UsageError } from '../errors.ts'
import { checkEvent } from './check.ts'
import { saysTwice } from './keys.ts'
import {
  deepestNesting,
  isTooDeep,
  JournalLimitError,
  longestAuditLine,
  longestLine,
  mostRequestsRecorded,
} from './limits.ts'
import { JournalCollector, type RecordedJournal } from './recorded.ts'
import { RequestTable } from './requests.ts'
import { RequestScanner } from './scan.ts'
import { type JournalEvent, oldestReadableVersion, schemaVersion } from './schema.ts'

/** The line of a request that has nothing but what each must have, in bytes. */
const shortestRequest = 120

/** The journal cannot be read: which line, and why. */
export class JournalFormatError extends UsageError {
  override readonly name = 'JournalFormatError'
  readonly line: number

  constructor(line: number, reason: string, options?: ErrorOptions) {
    super(`journal line ${line}: ${reason}`, options)
    this.line = line
  }
}

/**
 * Takes lines one by one, without their line ends. A last line that is not JSON is a torn write and tolerated (the
 * journal is then not `complete`); the same anywhere else throws, as does an event that breaks the schema.
 */
export class JournalParser {
  readonly #collector: JournalCollector
  readonly #scanner: RequestScanner
  readonly #decoder = new TextDecoder()
  #line = 0
  #torn: { line: number; cause: unknown } | undefined

  /** `bytes`: how long all lines are together, where that is known. */
  constructor({ bytes = 0 }: { bytes?: number } = {}) {
    const requests = new RequestTable(bytes === 0 ? {} : { capacity: mostRequestsIn(bytes) })
    this.#collector = new JournalCollector({ requests })
    this.#scanner = new RequestScanner(requests.texts)
  }

  /** The line in `bytes[from, to)`. Requests in the writer's own form, which are nearly all lines, take a short way. */
  addBytes(bytes: Uint8Array, from: number, to: number): void {
    const isRequest = this.#line > 0 && this.#torn === undefined && this.#addRequest(bytes, from, to)
    if (!isRequest) this.addLine(this.#decoder.decode(bytes.subarray(from, to)))
  }

  /** Whether the line was a request in the writer's own form. */
  #addRequest(bytes: Uint8Array, from: number, to: number): boolean {
    const line = this.#line + 1
    try {
      const row = this.#scanner.scan(bytes, from, to)
      if (row === undefined) return false
      this.#collector.addRequest(row)
    } catch (cause) {
      throw withLine(cause, line)
    }
    this.#line = line
    return true
  }

  addLine(text: string): void {
    if (this.#torn !== undefined)
      throw new JournalFormatError(this.#torn.line, 'not JSON, and not the last line', { cause: this.#torn.cause })
    if (text.length > longestAuditLine) this.refuseLength(longestAuditLine)
    this.#line++
    if (isTooDeep(text))
      throw new JournalFormatError(this.#line, `nested more than ${deepestNesting} deep, which no event is`)
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch (cause) {
      this.#torn = { line: this.#line, cause }
      return
    }
    if (saysTwice(text, value))
      throw new JournalFormatError(this.#line, 'says one thing twice: a key stands there again')
    if (this.#line === 1) demandVersion(value)
    const checked = checkEvent(value)
    if (text.length > longestLine && (value as { kind?: unknown } | null)?.kind !== 'audit.read')
      this.refuseLength(longestLine, this.#line)
    if ('reason' in checked) throw new JournalFormatError(this.#line, checked.reason)
    this.#add(checked.event)
  }

  #add(event: JournalEvent): void {
    try {
      this.#collector.add(event)
    } catch (cause) {
      throw withLine(cause, this.#line)
    }
  }

  /** Refuses a line that is already longer than any event. */
  refuseLength(limit: number, line = this.#line + 1): never {
    throw new JournalFormatError(line, `longer than ${limit / 2 ** 20} MiB, which no event is`)
  }

  finish(): RecordedJournal {
    const events = this.#line - (this.#torn === undefined ? 0 : 1)
    if (events === 0) throw new JournalFormatError(1, 'the journal ends before its first whole event')
    return this.#collector.finish({ complete: this.#torn === undefined })
  }
}

/** A journal from its text, or from its lines. Throws `JournalFormatError`. */
export function parseJournal(source: string | Iterable<string>): RecordedJournal {
  const parser = new JournalParser()
  const lines = typeof source === 'string' ? source.split('\n') : source
  let held: string | undefined
  for (const line of lines) {
    if (held !== undefined) parser.addLine(held)
    held = line
  }
  // A text that ends in a line end splits into one empty piece too many.
  if (held !== undefined && held !== '') parser.addLine(held)
  return parser.finish()
}

function withLine(cause: unknown, line: number): unknown {
  return cause instanceof JournalLimitError ? new JournalFormatError(line, cause.message, { cause }) : cause
}

/** No fewer than there are: room that is not used takes no memory. */
function mostRequestsIn(bytes: number): number {
  return Math.min(mostRequestsRecorded, Math.ceil(bytes / shortestRequest))
}

/** Checked before anything else: another version's events would fail with a reason that misleads. */
function demandVersion(value: unknown): void {
  const first = value as { kind?: unknown; schemaVersion?: unknown } | null
  if (first?.kind !== 'trial.opened') throw new JournalFormatError(1, 'a journal starts with trial.opened')
  const version = first.schemaVersion
  if (
    typeof version === 'number' &&
    Number.isInteger(version) &&
    version >= oldestReadableVersion &&
    version <= schemaVersion
  )
    return
  throw new JournalFormatError(
    1,
    `written in journal schema version ${String(version)}; this Blackstart reads versions ${oldestReadableVersion} to ${schemaVersion}: ` +
      'use the Blackstart that wrote it (harness.version and harness.commit in the same line)',
  )
}
