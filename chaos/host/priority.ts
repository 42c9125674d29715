/** Gives this process real-time priority, so that it sees events in time on a busy machine. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const limitMs = 2_000

/**
 * Puts this process before all others, in the kernel's real-time class: an instrument that waits for a core sees
 * everything late, and the engine's work after a region's death fills every core for seconds. Child processes do not
 * inherit it. Returns a sentence that says what was done, or undefined if it is not permitted (it takes root on Linux)
 * or is turned off: BLACKSTART_PRIORITY=off.
 */
export async function preferThisProcess(): Promise<string | undefined> {
  if (process.env['BLACKSTART_PRIORITY'] === 'off') return undefined
  try {
    await promisify(execFile)('chrt', ['--reset-on-fork', '--rr', '--pid', '1', String(process.pid)], {
      timeout: limitMs,
    })
    return 'the harness runs at real-time priority (chrt --rr 1), before everything else on this machine; BLACKSTART_PRIORITY=off turns this off'
  } catch {
    return undefined
  }
}
