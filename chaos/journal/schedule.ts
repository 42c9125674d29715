/**
 * Which requests of the project's own load write, which account each asks for, and at which write a read looks, by its
 * number: as chaos/load/script.js and arrivals.js do it. A test holds them together.
 */

const accounts = 1000

/** Whether the arrival with this number writes: they are spread evenly, and then neighbours change places at random. */
export function isWrite(n: number, writeShare: number): boolean {
  const slot = spreadOf(n >>> 1) < 0.5 ? n : n ^ 1
  return Math.floor((slot + 1) * writeShare) > Math.floor(slot * writeShare)
}

/** The first account of the transfer with this number, and the one that reads of its session look at. */
export function accountOf(n: number): number {
  return 1 + ((n * 7919) % accounts)
}

/** The account that the transfer with this number pays to. */
export function otherAccountOf(n: number): number {
  return 1 + ((accountOf(n) + (n % (accounts - 1))) % accounts)
}

/** The write that the read with this number looks at: one that was due 0.1 to 0.3 s before. Itself where there is none. */
export function writeReadBy(
  n: number,
  { ratePerSecond, isWrite }: { ratePerSecond: number; isWrite: (n: number) => boolean },
): number {
  let write = n - Math.max(1, Math.round((0.1 + 0.2 * spreadOf(n)) * ratePerSecond))
  while (write >= 0 && !isWrite(write)) write--
  return write < 0 ? n : write
}

/** 0 to 1, by a hash of whole numbers (https://github.com/skeeto/hash-prospector). */
function spreadOf(n: number): number {
  let hash = Math.imul(n ^ (n >>> 15), 0x2c1b3c6d)
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39)
  return ((hash ^ (hash >>> 15)) >>> 0) / 4_294_967_296
}
