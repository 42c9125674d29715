/**
 * Which account each request of the project's own load asks for, by its number: as chaos/load/script.js does it. A test
 * holds the two together.
 */

const accounts = 1000

/** The first account of the transfer with this number, and the one that reads of its session look at. */
export function accountOf(n: number): number {
  return 1 + ((n * 7919) % accounts)
}

/** The account that the transfer with this number pays to. */
export function otherAccountOf(n: number): number {
  return 1 + ((accountOf(n) + (n % (accounts - 1))) % accounts)
}
