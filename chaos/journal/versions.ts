/**
 * What the answers to requests say of sessions and versions, by column: 21 bytes a request, and next to none in a
 * journal whose answers say nothing.
 */
import type { EventOf } from './schema.ts'

type Told = Pick<EventOf<'request'>, 'session' | 'versions'>

const hasSession = 4

export class VersionColumns {
  #capacity = 0
  /** How many accounts the answer names (0 to 2), and `hasSession`. */
  #told = new Uint8Array(0)
  #session = new Uint32Array(0)
  /** Account, version, account, version. */
  #values: Uint32Array<ArrayBuffer>[] = [0, 1, 2, 3].map(() => new Uint32Array(0))

  set(i: number, { session, versions }: Told): void {
    if (session === undefined && versions === undefined) return
    if (i >= this.#capacity) this.#grow(i + 1)
    this.#told[i] = (versions?.length ?? 0) / 2 + (session === undefined ? 0 : hasSession)
    this.#session[i] = session ?? 0
    versions?.forEach((value, which) => {
      const column = this.#values[which]
      if (column !== undefined) column[i] = value
    })
  }

  session(i: number): number | undefined {
    return ((this.#told[i] ?? 0) & hasSession) === 0 ? undefined : this.#session[i]
  }

  /** How many accounts the answer names. */
  accounts(i: number): number {
    return (this.#told[i] ?? 0) & ~hasSession
  }

  account(i: number, which: number): number {
    return this.#values[2 * which]?.[i] ?? 0
  }

  version(i: number, which: number): number {
    return this.#values[2 * which + 1]?.[i] ?? 0
  }

  /** As the event had them. */
  at(i: number): Told {
    const session = this.session(i)
    const first = [this.account(i, 0), this.version(i, 0)] as const
    const accounts = this.accounts(i)
    return {
      ...(session !== undefined && { session }),
      ...(accounts === 1 && { versions: [...first] }),
      ...(accounts === 2 && { versions: [...first, this.account(i, 1), this.version(i, 1)] }),
    }
  }

  #grow(least: number): void {
    this.#capacity = Math.max(1024, this.#capacity * 2, least)
    const grown = (from: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> => {
      const to = new Uint32Array(this.#capacity)
      to.set(from)
      return to
    }
    const told = new Uint8Array(this.#capacity)
    told.set(this.#told)
    this.#told = told
    this.#session = grown(this.#session)
    this.#values = this.#values.map(grown)
  }
}
