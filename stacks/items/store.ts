/** What the service asks of whatever keeps the items. One file a store. */
export interface Store {
  /**
   * Keeps a body under a key, in place of what was there. Returns only once the store has acknowledged it. When `signal`
   * aborts, it throws at once; nobody knows then whether the body is kept.
   */
  put(key: string, body: string, signal: AbortSignal): Promise<void>
  /** @returns undefined where there is no such item */
  get(key: string, signal: AbortSignal): Promise<string | undefined>
  /** @throws when the store cannot be asked just now */
  ready(signal: AbortSignal): Promise<void>
  close(): Promise<void>
}

export interface Address {
  host: string
  port: number
}
