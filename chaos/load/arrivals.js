// Runs inside k6, in front of script.js and of requests.js: which arrivals write, and at which write a read looks. Both
// go by the arrival's number alone.

const rate = Number(__ENV.RATE)
const writeShare = Number(__ENV.WRITE_SHARE)

/** Bresenham's way of spreading the writes evenly: so many of the first n slots are for writes. */
function writeSlots(n) {
  return Math.floor(n * writeShare)
}

/**
 * Arrivals take the slots in order. Of declared requests, two neighbours change places as if at random: otherwise every
 * second arrival would write, and a balancer that takes turns between two replicas would send all writes to one of them.
 * The routers of the project's own load take turns for writes alone, and an even order tells gaps more exactly.
 */
function isWrite(n) {
  const slot = __ENV.REQUESTS === undefined || spreadOf(n >>> 1) < 0.5 ? n : n ^ 1
  return writeSlots(slot + 1) > writeSlots(slot)
}

/** How many arrivals before this one write. */
// biome-ignore lint/correctness/noUnusedVariables: the script that stands behind it uses it
function writesBefore(n) {
  const pairs = n - (n % 2)
  return writeSlots(pairs) + (n > pairs && isWrite(pairs) ? 1 : 0)
}

/**
 * The write that a read looks at: one that was due 0.1 to 0.3 s before. By then it is acknowledged, if all is well, and
 * a replica that is behind does not have it. Spread as if at random: of the writes of the default load two thirds are
 * looked at, up to five times, so that a third of the reads may find the account in a cache.
 */
// biome-ignore lint/correctness/noUnusedVariables: the script that stands behind it uses it
function recentWrite(n) {
  if (writeShare === 0) return n
  let write = n - Math.max(1, Math.round((0.1 + 0.2 * spreadOf(n)) * rate))
  while (write >= 0 && !isWrite(write)) write--
  return write < 0 ? n : write
}

/** 0 to 1, by a hash of whole numbers (https://github.com/skeeto/hash-prospector). */
function spreadOf(n) {
  let hash = Math.imul(n ^ (n >>> 15), 0x2c1b3c6d)
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39)
  return ((hash ^ (hash >>> 15)) >>> 0) / 4294967296
}
