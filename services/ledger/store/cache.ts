import type { Account, AnsweredBy, Found } from '../ledger.ts'
import { away } from './breaker.ts'
import type { GuardedStore } from './guarded.ts'

/** How long an account is served from the cache at most, in milliseconds: what a lost invalidation can cost. */
const TTL_MS = 1_000

/** Whether the cache had the account, did not have it, or could not be asked. */
export type CacheResult = 'hit' | 'miss' | 'away'

export interface AccountCacheOptions {
  /** Where accounts are looked up: a node near by, perhaps a moment behind. */
  near: Pick<GuardedStore, 'get'>
  /** Where they are stored and deleted. */
  primary: Pick<GuardedStore, 'set' | 'delete'>
  onRead?: (result: CacheResult) => void
}

/** Accounts, read through the store. Each is kept with the name of the database node that answered. */
export class AccountCache {
  readonly #options: AccountCacheOptions

  constructor(options: AccountCacheOptions) {
    this.#options = options
  }

  /** The account from the cache or else from `load`, whose failures are the caller's. */
  async find(id: number, load: () => Promise<Found<Account>>): Promise<Found<Account> & { cache: CacheResult }> {
    const text = await this.#options.near.get(keyOf(id))
    const kept = typeof text === 'string' ? parse(text, id) : undefined
    const cache = text === away ? 'away' : kept ? 'hit' : 'miss'
    this.#options.onRead?.(cache)
    if (kept) return { ...kept, cache }
    const found = await load()
    // Nobody waits for this: it helps the next reader, not this one.
    if (found.value !== undefined) void this.#options.primary.set(keyOf(id), JSON.stringify(found), TTL_MS)
    return { ...found, cache }
  }

  /**
   * Forgets these accounts. Takes no longer than the store's limit, and never fails: what stays expires after a second.
   */
  async forget(...ids: number[]): Promise<void> {
    await this.#options.primary.delete(...ids.map(keyOf))
  }
}

function keyOf(id: number): string {
  return `account:${id}`
}

/** What was kept under this account's key, if it is that account. Anything else counts as absent. */
function parse(text: string, id: number): { value: Account; answeredBy: AnsweredBy } | undefined {
  try {
    const { value, answeredBy } = JSON.parse(text) as { value?: Partial<Account>; answeredBy?: Partial<AnsweredBy> }
    const { balance, opening, version } = value ?? {}
    const { node = null, timeline = null } = answeredBy ?? {}
    const isSound =
      value?.id === id &&
      typeof balance === 'number' &&
      typeof opening === 'number' &&
      typeof version === 'number' &&
      (node === null || typeof node === 'string') &&
      (timeline === null || typeof timeline === 'number')
    return isSound ? { value: { id, balance, opening, version }, answeredBy: { node, timeline } } : undefined
  } catch {
    return undefined
  }
}
