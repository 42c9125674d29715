/**
 * What the answers to requests say of sessions and versions, by column: 21 bytes a request, and next to none in a
 * journal whose answers say nothing.
 */
import type { RequestRow } from './row.ts'
import type { EventOf } from './schema.ts'

type Told = Pick<EventOf<'request'>, 'session' | 'versions'>

const hasSession = 4

export class VersionColumns {
  readonly #firstCapacity: number
  /** How many accounts the answer names (0 to 2), and `hasSession`. */
  #told = new Uint8Array(0)
  #session = new Uint32Array(0)
  #account = new Uint32Array(0)
  #version = new Uint32Array(0)
  #otherAccount = new Uint32Array(0)
  #otherVersion = new Uint32Array(0)

  constructor({ capacity }: { capacity: number }) {
    this.#firstCapacity = capacity
  }

  set(i: number, row: RequestRow): void {
    const { session, accounts } = row
    if (session < 0 && accounts === 0) return
    if (i >= this.#told.length) this.#grow(i + 1)
    this.#told[i] = accounts + (session < 0 ? 0 : hasSession)
    if (session > 0) this.#session[i] = session
    if (accounts === 0) return
    this.#account[i] = row.account
    this.#version[i] = row.version
    if (accounts === 1) return
    this.#otherAccount[i] = row.otherAccount
    this.#otherVersion[i] = row.otherVersion
  }

  session(i: number): number | undefined {
    return ((this.#told[i] ?? 0) & hasSession) === 0 ? undefined : this.#session[i]
  }

  /** How many accounts the answer names. */
  accounts(i: number): number {
    return (this.#told[i] ?? 0) & ~hasSession
  }

  account(i: number, which: number): number {
    return (which === 0 ? this.#account[i] : this.#otherAccount[i]) ?? 0
  }

  version(i: number, which: number): number {
    return (which === 0 ? this.#version[i] : this.#otherVersion[i]) ?? 0
  }

  /** As the event had them. */
  addTo<T extends Told>(event: T, i: number): T {
    const session = this.session(i)
    const accounts = this.accounts(i)
    if (session !== undefined) event.session = session
    if (accounts === 1) event.versions = [this.account(i, 0), this.version(i, 0)]
    if (accounts === 2)
      event.versions = [this.account(i, 0), this.version(i, 0), this.account(i, 1), this.version(i, 1)]
    return event
  }

  #grow(least: number): void {
    const capacity = Math.max(this.#firstCapacity, this.#told.length * 2, least)
    const told = new Uint8Array(capacity)
    told.set(this.#told)
    this.#told = told
    this.#session = grown(this.#session, capacity)
    this.#account = grown(this.#account, capacity)
    this.#version = grown(this.#version, capacity)
    this.#otherAccount = grown(this.#otherAccount, capacity)
    this.#otherVersion = grown(this.#otherVersion, capacity)
  }
}

function grown(from: Uint32Array<ArrayBuffer>, capacity: number): Uint32Array<ArrayBuffer> {
  const to = new Uint32Array(capacity)
  to.set(from)
  return to
}
