/** Contract tests run in three processes at once. Each has its own share of what all choose from: ports, networks. */
export const lanes = 3

/** Vitest numbers the processes that run at the same time from 1. */
export const lane = Number(process.env['VITEST_POOL_ID'] ?? 0) % lanes

/** Whether this process may have the n-th of what is there to choose from. */
export const isOurs = (n: number): boolean => n % lanes === lane
