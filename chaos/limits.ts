/**
 * Upper limits for each number and text of a scenario, with reasons. Without them a value that is too large fails late,
 * or waits for ever.
 */

/**
 * A day, in milliseconds: no fault, wait or objective is longer. Timers hold at most 2³¹ − 1 ms (24.8 days), and what
 * is longer fires at once; two of these after each other are still far from it.
 */
export const longestMs = 86_400_000
/** Two hours, in milliseconds: a drill that no command ends, ends by itself. */
export const longestDrillMs = 2 * 3_600_000
/**
 * Ten minutes, in milliseconds: of a client's patience, and of what is added to a link. Longer is silence, and has
 * kinds of its own.
 */
export const longestDelayMs = 600_000
/** Requests a second, in whole numbers, as k6 takes them. More than this measures the machine that k6 runs on. */
export const highestRate = 10_000
/** What a surge may multiply the load by, and how many of them one scenario may have. */
export const mostTimes = 100
export const mostSurges = 20
/** In milliseconds: a surge is no burst of a few requests. */
export const shortestSurgeMs = 100
/** k6 makes them all beforehand, and each takes some 100 kB of memory. */
export const mostVirtualUsers = 100_000
/** Of one trial: rate times length. A journal of this many is judged within a gigabyte. */
export const mostRequests = 5_000_000
/** Ten gigabytes a second: more than a connection on one machine carries. */
export const mostKilobytesPerSecond = 10_000_000
/** Of one scenario. Every two are compared. */
export const mostFaults = 500
/** Nodes or sites in one target. */
export const mostNames = 1_000
export const mostTags = 50
/**
 * In characters: a scenario's name is part of a folder's name beside the time, a tag is typed; a node's, site's or
 * region's name is a host's.
 */
export const longestName = 64
export const longestTitle = 300
export const longestHostName = 255

/** A little longer than the longest usual grace period, in milliseconds: for a node that was asked to stop. */
export const longestDrainMs = 50_000

/** Load that runs before arrivals count as steady, in milliseconds. */
export const rampMs = 2_000

/** How long a fault may take to be proved, in milliseconds, where its kind does not say otherwise. */
export const faultProofLimitMs = 5_000
