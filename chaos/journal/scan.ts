/**
 * Reads request lines directly from bytes, because JSON.parse for a million of them takes most of the time limit. It
 * accepts only the form that our writer uses; any other line goes through JSON.parse. A test checks that both give the
 * same result.
 *
 * A new field of requests needs its key here, at the place where the writer puts it, a place in `RequestRow`, and a
 * column in `RequestTable`. Until then its lines are declined, and read slowly but rightly.
 */
import type { Dictionary, Met } from './dictionary.ts'
import { farthestMs } from './limits.ts'
import { comesAt, type Literal, literal } from './literal.ts'
import { outcomes } from './load.ts'
import { emptyRow, type RequestRow, type RequestTexts } from './row.ts'

const openSeq = literal('{"seq":')
const keyAt = literal(',"atMs":')
const keyKindAndN = literal(',"kind":"request","n":')
const writeAndKeyScheduled = literal(',"op":"write","scheduledMs":')
const readAndKeyScheduled = literal(',"op":"read","scheduledMs":')
const keyStarted = literal(',"startedMs":')
const keyEnded = literal(',"endedMs":')
const outcomeAndKeyStatus = outcomes.map((outcome) => literal(`,"outcome":"${outcome}","status":`))
const keyError = literal(',"error":')
const keyNode = literal(',"node":')
const keyRegion = literal(',"region":')
const keyDatabase = literal(',"database":')
const keySession = literal(',"session":')
const keyVersions = literal(',"versions":[')

const zero = 0x30
const quote = 0x22
const backslash = 0x5c
const minus = 0x2d
const comma = 0x2c
const closingBracket = 0x5d
const closingBrace = 0x7d
const point = 0x2e
const looksBits = 10
const looks = 1 << looksBits
/** Knuth's multiplier for hashes: 2³² by the golden ratio. */
const scatter = 0x9e3779b1
/** A number of so many digits is exact. */
const mostDigits = 15
/** Divisions by these are exact to the last bit as long as the digits are below 2⁵³, as JSON.parse is. */
const powersOfTen = Float64Array.from({ length: mostDigits + 1 }, (_, i) => 10 ** i)

/** Once something is not as expected, the line is declined, whatever is read of it after that. */
export class RequestScanner {
  readonly #texts: RequestTexts
  readonly #row = emptyRow()
  #bytes: Uint8Array = new Uint8Array()
  #view: DataView = new DataView(new ArrayBuffer(0))
  #at = 0
  #fits = true
  /** How many digits were read last. */
  #digits = 0
  /** Texts by how they look. */
  readonly #expected: ({ codes: Dictionary; met: Met } | undefined)[] = new Array(looks).fill(undefined)

  constructor(texts: RequestTexts) {
    this.#texts = texts
  }

  /**
   * The request in `bytes[from, to)`, or undefined when the line is anything but a request as our writer puts it. The
   * row is lent until the next line. @throws JournalLimitError
   */
  scan(bytes: Uint8Array, from: number, to: number): RequestRow | undefined {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    }
    this.#at = from
    this.#fits = this.#follows(openSeq)
    if (!this.#fits) return undefined
    this.#request()
    return this.#fits && this.#at === to ? this.#row : undefined
  }

  #request(): void {
    const row = this.#row
    row.seq = this.#count()
    this.#expect(keyAt)
    row.atMs = this.#moment()
    this.#expect(keyKindAndN)
    row.n = this.#count()
    row.write = this.#follows(writeAndKeyScheduled) ? 1 : 0
    if (row.write === 0) this.#expect(readAndKeyScheduled)
    row.scheduledMs = this.#moment()
    this.#expect(keyStarted)
    row.startedMs = this.#moment()
    this.#expect(keyEnded)
    row.endedMs = this.#moment()
    row.outcome = this.#outcome()
    row.status = this.#count()
    if (row.status > 0x7fff_ffff) this.#fits = false
    if (!this.#fits) return
    const { names, errors } = this.#texts
    row.error = this.#follows(keyError) ? this.#text(errors) : 0
    row.node = this.#follows(keyNode) ? this.#text(names) : 0
    row.region = this.#follows(keyRegion) ? this.#text(names) : 0
    row.database = this.#follows(keyDatabase) ? this.#text(names) : 0
    row.session = this.#follows(keySession) ? this.#count() : -1
    row.accounts = this.#follows(keyVersions) ? this.#versions(row) : 0
    this.#expectByte(closingBrace)
  }

  #outcome(): number {
    for (let code = 0; code < outcomeAndKeyStatus.length; code++)
      if (this.#follows(outcomeAndKeyStatus[code])) return code
    return this.#decline()
  }

  /** One or two accounts, each followed by its version. Returns how many. */
  #versions(row: RequestRow): number {
    row.account = this.#count()
    this.#expectByte(comma)
    row.version = this.#count()
    if (this.#passes(closingBracket)) return 1
    this.#expectByte(comma)
    row.otherAccount = this.#count()
    this.#expectByte(comma)
    row.otherVersion = this.#count()
    this.#expectByte(closingBracket)
    return 2
  }

  /** Whether this comes next; if so, goes on behind it. */
  #follows(wanted: Literal | undefined): boolean {
    if (wanted === undefined || !comesAt(wanted, this.#view, this.#at)) return false
    this.#at += wanted.bytes
    return true
  }

  #expect(wanted: Literal): void {
    if (!this.#follows(wanted)) this.#fits = false
  }

  #passes(byte: number): boolean {
    if (this.#bytes[this.#at] !== byte) return false
    this.#at++
    return true
  }

  #expectByte(byte: number): void {
    if (!this.#passes(byte)) this.#fits = false
  }

  /** A whole number of 32 bits. */
  #count(): number {
    const value = this.#whole()
    if (value > 0xffff_ffff) this.#fits = false
    return value
  }

  /** A plain decimal number of at most fifteen digits, without an exponent. */
  #moment(): number {
    const isNegative = this.#passes(minus)
    let value = this.#whole()
    if (this.#passes(point)) {
      const digits = this.#digits
      const part = this.#run()
      const power = powersOfTen[this.#digits] ?? Number.NaN
      if (this.#digits === 0 || digits + this.#digits > mostDigits) this.#fits = false
      value = (value * power + part) / power
    }
    if (!(value <= farthestMs)) this.#fits = false
    return isNegative ? -value : value
  }

  /** Digits without leading zeros. */
  #whole(): number {
    const isZero = this.#bytes[this.#at] === zero
    const value = this.#run()
    if (this.#digits === 0 || this.#digits > mostDigits || (isZero && this.#digits > 1)) this.#fits = false
    return value
  }

  /** Digits, if there are any, as a whole number. */
  #run(): number {
    const bytes = this.#bytes
    const from = this.#at
    let i = from
    let value = 0
    // Below zero is far beyond nine, in 32 bits without a sign.
    for (let digit = digitIn(bytes[i]); digit <= 9; digit = digitIn(bytes[++i])) value = value * 10 + digit
    this.#digits = i - from
    this.#at = i
    return value
  }

  /** The code of a text. It is mostly one that was met, and then it is enough to see that it comes again. */
  #text(codes: Dictionary): number {
    if (!this.#fits) return 0
    const slot = this.#looksLike()
    const expected = this.#expected[slot]
    if (expected?.codes === codes && this.#follows(expected.met.quoted)) return expected.met.code
    const met = this.#unexpected(codes)
    if (met === undefined) return this.#decline()
    this.#expected[slot] = { codes, met }
    return met.code
  }

  /** A number below `looks` by the next twelve bytes, which tell most names apart. */
  #looksLike(): number {
    const at = this.#at
    if (at + 12 > this.#bytes.length) return 0
    const view = this.#view
    const mixed = Math.imul(view.getInt32(at), 31) + view.getInt32(at + 4)
    const all = Math.imul(mixed, 31) + view.getInt32(at + 8)
    return Math.imul(all, scatter) >>> (32 - looksBits)
  }

  /** A text without escapes. Control characters and bytes beyond ASCII are left to JSON.parse. */
  #unexpected(codes: Dictionary): Met | undefined {
    const bytes = this.#bytes
    const from = this.#at + 1
    if (bytes[this.#at] !== quote) return undefined
    let to = from
    let hash = 0
    for (let byte = bytes[to] ?? 0; byte !== quote; byte = bytes[++to] ?? 0) {
      if (byte < 0x20 || byte > 0x7e || byte === backslash) return undefined
      hash = (hash * 31 + byte) | 0
    }
    this.#at = to + 1
    return codes.meet(bytes, { from, to, hash })
  }

  #decline(): number {
    this.#fits = false
    return 0
  }
}

/** The digit of this byte; more than 9 where it is none. */
function digitIn(byte = 0): number {
  return (byte - zero) >>> 0
}
