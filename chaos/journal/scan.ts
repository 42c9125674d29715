/**
 * Reads request lines directly from bytes, because JSON.parse for a million of them takes most of the time limit. It
 * accepts only the form that our writer uses; any other line goes through JSON.parse. A test checks that both give the
 * same result.
 */
import { Buffer } from 'node:buffer'
import { farthestMs } from './limits.ts'
import type { RequestEvent } from './requests.ts'

const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'latin1')
const openSeq = bytesOf('{"seq":')
const keyAt = bytesOf(',"atMs":')
const keyKindAndN = bytesOf(',"kind":"request","n":')
const keyOp = bytesOf(',"op":')
const keyScheduled = bytesOf(',"scheduledMs":')
const keyStarted = bytesOf(',"startedMs":')
const keyEnded = bytesOf(',"endedMs":')
const keyOutcome = bytesOf(',"outcome":')
const keyStatus = bytesOf(',"status":')
const keyError = bytesOf(',"error":')
const keyNode = bytesOf(',"node":')
const keyRegion = bytesOf(',"region":')
const keyDatabase = bytesOf(',"database":')
const keySession = bytesOf(',"session":')
const keyVersions = bytesOf(',"versions":[')
const closing = bytesOf('}')

const zero = 0x30
const nine = 0x39
const quote = 0x22
const backslash = 0x5c
const minus = 0x2d
const comma = 0x2c
const closingBracket = 0x5d
const point = 0x2e
/** Divisions by these are exact to the last bit as long as the digits are below 2⁵³, as JSON.parse is. */
const powersOfTen = Float64Array.from({ length: 16 }, (_, i) => 10 ** i)

/** Thrown when a line is not in the expected form; `scan` catches it. */
class Declined extends Error {}
const declined = new Declined()

export class RequestScanner {
  #bytes: Uint8Array = new Uint8Array()
  #at = 0

  /** The request in `bytes[from, to)`, or undefined when the line is anything but a request as our writer puts it. */
  scan(bytes: Uint8Array, from: number, to: number): RequestEvent | undefined {
    this.#bytes = bytes
    this.#at = from
    try {
      const event = this.#request()
      return this.#at === to ? event : undefined
    } catch (error) {
      if (error === declined) return undefined
      throw error
    }
  }

  #request(): RequestEvent {
    this.#expect(openSeq)
    const seq = this.#count()
    this.#expect(keyAt)
    const atMs = this.#moment()
    this.#expect(keyKindAndN)
    const n = this.#count()
    this.#expect(keyOp)
    const op = this.#text()
    this.#expect(keyScheduled)
    const scheduledMs = this.#moment()
    this.#expect(keyStarted)
    const startedMs = this.#moment()
    this.#expect(keyEnded)
    const endedMs = this.#moment()
    this.#expect(keyOutcome)
    const outcome = this.#text()
    this.#expect(keyStatus)
    const status = this.#count()
    if (op !== 'write' && op !== 'read') throw declined
    if (outcome !== 'acked' && outcome !== 'rejected' && outcome !== 'unknown') throw declined
    const event: RequestEvent = { seq, atMs, kind: 'request', n, op, scheduledMs, startedMs, endedMs, outcome, status }
    if (this.#follows(keyError)) event.error = this.#text()
    if (this.#follows(keyNode)) event.node = this.#text()
    if (this.#follows(keyRegion)) event.region = this.#text()
    if (this.#follows(keyDatabase)) event.database = this.#text()
    if (this.#follows(keySession)) event.session = this.#count()
    if (this.#follows(keyVersions)) event.versions = this.#versions()
    this.#expect(closing)
    return event
  }

  #follows(literal: Uint8Array): boolean {
    const bytes = this.#bytes
    const from = this.#at
    for (let i = 0; i < literal.length; i++) if (bytes[from + i] !== literal[i]) return false
    this.#at = from + literal.length
    return true
  }

  #expect(literal: Uint8Array): void {
    if (!this.#follows(literal)) throw declined
  }

  #count(): number {
    const value = this.#number()
    if (value < 0 || value > 0xffff_ffff || !Number.isInteger(value)) throw declined
    return value
  }

  /** One or two accounts, each followed by its version. */
  #versions(): NonNullable<RequestEvent['versions']> {
    const [account, version] = [this.#count(), this.#afterComma()]
    if (this.#passes(closingBracket)) return [account, version]
    const second = [this.#afterComma(), this.#afterComma()] as const
    if (!this.#passes(closingBracket)) throw declined
    return [account, version, ...second]
  }

  #afterComma(): number {
    if (!this.#passes(comma)) throw declined
    return this.#count()
  }

  #passes(byte: number): boolean {
    if (this.#bytes[this.#at] !== byte) return false
    this.#at++
    return true
  }

  #moment(): number {
    const value = this.#number()
    if (value > farthestMs || value < -farthestMs) throw declined
    return value
  }

  /** Plain decimal numbers of at most fifteen digits; no exponent, no leading zeros. */
  #number(): number {
    const bytes = this.#bytes
    let i = this.#at
    const negative = bytes[i] === minus
    if (negative) i++
    const first = i
    let value = 0
    let byte = bytes[i] ?? 0
    for (; byte >= zero && byte <= nine; byte = bytes[++i] ?? 0) value = value * 10 + byte - zero
    let digits = i - first
    if (digits === 0 || (digits > 1 && bytes[first] === zero)) throw declined
    if (byte === point) {
      const fraction = ++i
      for (byte = bytes[i] ?? 0; byte >= zero && byte <= nine; byte = bytes[++i] ?? 0) value = value * 10 + byte - zero
      if (i === fraction) throw declined
      digits += i - fraction
      value /= powersOfTen[i - fraction] ?? Number.NaN
    }
    if (digits > 15) throw declined
    this.#at = i
    return negative ? -value : value
  }

  /** A text without escapes. Control characters and bytes beyond ASCII are left to JSON.parse. */
  #text(): string {
    const bytes = this.#bytes
    const from = this.#at + 1
    if (bytes[this.#at] !== quote) throw declined
    let to = from
    let hash = 0
    for (let byte = bytes[to] ?? 0; byte !== quote; byte = bytes[++to] ?? 0) {
      if (byte < 0x20 || byte > 0x7e || byte === backslash) throw declined
      hash = (hash * 31 + byte) | 0
    }
    this.#at = to + 1
    return this.#known(from, to, hash & 255)
  }

  /** The same few names come again and again: a string is made only for one that is not the last seen in its slot. */
  readonly #recent: { text: string; bytes: Uint8Array }[] = []

  #known(from: number, to: number, slot: number): string {
    const recent = this.#recent[slot]
    if (recent !== undefined && this.#same(recent.bytes, from, to)) return recent.text
    // A copy, whatever kind of array it is: the bytes are only lent.
    const bytes = new Uint8Array(this.#bytes.subarray(from, to))
    const text = Buffer.from(bytes).toString('latin1')
    this.#recent[slot] = { text, bytes }
    return text
  }

  #same(bytes: Uint8Array, from: number, to: number): boolean {
    if (bytes.length !== to - from) return false
    for (let i = 0; i < bytes.length; i++) if (bytes[i] !== this.#bytes[from + i]) return false
    return true
  }
}
