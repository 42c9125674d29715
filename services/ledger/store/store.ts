/** Where a node of the store answers. */
export interface Endpoint {
  host: string
  port: number
}

/** A store of short-lived strings. It may forget anything at any time, and each method may reject, or never settle. */
export interface Store {
  /** The value; `null` where there is none. */
  get(key: string): Promise<string | null>
  /** Stores a value for `ttlMs` milliseconds. */
  set(key: string, value: string, ttlMs: number): Promise<unknown>
  delete(...keys: string[]): Promise<unknown>
  /** Closes the connection at once. */
  end(): void
}
