/**
 * Which requests of the project's own load write, which account each asks for, and at which write a read looks, by its
 * number: as chaos/load/script.js and arrivals.js do it. A test holds them together.
 */

const accounts = 1000

/** Whether the arrival with this number writes, where writes are spread evenly and neighbours do not change places. */
function isEvenWrite(n: number, writeShare: number): boolean {
  return Math.floor((n + 1) * writeShare) > Math.floor(n * writeShare)
}

/** Whether the arrival with this number writes, of declared requests: neighbours have changed places as if at random. */
export function isShuffledWrite(n: number, writeShare: number): boolean {
  return isEvenWrite(spreadOf(n >>> 1) < 0.5 ? n : n ^ 1, writeShare)
}

/** From one write to the next, in arrivals: at the most. Infinity where nothing writes. */
export function longestBetweenWrites(writeShare: number, { shuffled }: { shuffled: boolean }): number {
  const isWrite = shuffled ? isShuffledWrite : isEvenWrite
  let [before, longest] = [Infinity, 0]
  // Long enough for every order of neighbours to come up.
  for (let n = 0; n < 2_000; n++) {
    if (!isWrite(n, writeShare)) continue
    longest = Math.max(longest, n - before)
    before = n
  }
  return longest || Infinity
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
