/**
 * What acknowledged answers say of accounts and their versions, account by account. What is asked again and again lies
 * side by side: answers of one account are far apart in the journal, and to fetch each from there takes most of the time.
 */
import type { RequestTable } from '../journal/requests.ts'
import { AccountCodes, Groups } from './accounts.ts'
import { type Arrivals, rowAt } from './arrivals.ts'

/** The acknowledged versions of one account, ascending, and when the earliest of each and all later ones came. */
export interface Acknowledged {
  versions: Uint32Array
  earliestMs: Float64Array
}
/** The reads of one account, in the order of their schedule. */
export interface ReadsOfAccount {
  rows: Uint32Array
  startedMs: Float64Array
  versions: Uint32Array
}

export class Answers {
  readonly #codes = new AccountCodes()
  readonly #reads = new Groups()
  readonly #acks = new Groups()
  /** Rows of reads, when they began, and the versions that they answered. */
  readonly rows: Uint32Array
  readonly #startedMs: Float64Array
  readonly #shown: Uint32Array
  /** The versions that writes made, and when they were acknowledged. */
  readonly #made: Uint32Array
  readonly #ackedMs: Float64Array

  constructor(arrivals: Arrivals, requests: RequestTable) {
    this.#count(arrivals, requests)
    this.rows = new Uint32Array(this.#reads.total)
    this.#startedMs = new Float64Array(this.#reads.total)
    this.#shown = new Uint32Array(this.#reads.total)
    this.#made = new Uint32Array(this.#acks.total)
    this.#ackedMs = new Float64Array(this.#acks.total)
    this.#fill(arrivals, requests)
  }

  #count(arrivals: Arrivals, requests: RequestTable): void {
    const { told } = requests
    for (let i = 0; i < arrivals.count; i++) {
      const row = rowAt(arrivals, i)
      const named = requests.isAcked(row) ? told.accounts(row) : 0
      if (named === 0) continue
      const groups = requests.isWrite(row) ? this.#acks : this.#reads
      for (let which = 0; which < named; which++) groups.count(this.#codes.of(told.account(row, which)))
    }
    this.#reads.open(this.accounts)
    this.#acks.open(this.accounts)
  }

  #fill(arrivals: Arrivals, requests: RequestTable): void {
    const { told } = requests
    for (let i = 0; i < arrivals.count; i++) {
      const row = rowAt(arrivals, i)
      const named = requests.isAcked(row) ? told.accounts(row) : 0
      if (named === 0) continue
      if (requests.isWrite(row)) {
        const endedMs = requests.endedMs(row)
        for (let which = 0; which < named; which++) {
          const place = this.#acks.place(this.#codes.of(told.account(row, which)))
          this.#made[place] = told.version(row, which)
          this.#ackedMs[place] = endedMs
        }
        continue
      }
      for (let which = 0; which < named; which++) {
        const place = this.#reads.place(this.#codes.of(told.account(row, which)))
        this.rows[place] = row
        this.#startedMs[place] = requests.startedMs(row)
        this.#shown[place] = told.version(row, 0)
      }
    }
  }

  /** How many accounts are named; they are numbered in the order in which they were met. */
  get accounts(): number {
    return this.#codes.size
  }

  /** Whether any write's answer says a version. */
  get hasAcks(): boolean {
    return this.#acks.total > 0
  }

  reads(account: number): ReadsOfAccount {
    return {
      rows: this.#reads.of(account, this.rows),
      startedMs: this.#reads.of(account, this.#startedMs),
      versions: this.#reads.of(account, this.#shown),
    }
  }

  /** To be asked once for each account. */
  acks(account: number): Acknowledged {
    const versions = this.#acks.of(account, this.#made)
    const earliestMs = this.#acks.of(account, this.#ackedMs)
    sortByVersion(versions, earliestMs)
    for (let i = earliestMs.length - 1, ms = Infinity; i >= 0; i--) {
      ms = Math.min(ms, earliestMs[i] ?? Infinity)
      earliestMs[i] = ms
    }
    return { versions, earliestMs }
  }
}

/** Answers come nearly in the order of their versions, so there is not often anything to do. */
function sortByVersion(versions: Uint32Array, ackedMs: Float64Array): void {
  let last = 0
  let isAscending = true
  for (const version of versions) {
    if (version < last) isAscending = false
    last = version
  }
  if (isAscending) return
  const was = { versions: versions.slice(), ackedMs: ackedMs.slice() }
  const versionAt = (i: number): number => was.versions[i] ?? 0
  const order = was.versions.map((_, i) => i).sort((a, b) => versionAt(a) - versionAt(b))
  order.forEach((from, to) => {
    versions[to] = versionAt(from)
    ackedMs[to] = was.ackedMs[from] ?? Infinity
  })
}
