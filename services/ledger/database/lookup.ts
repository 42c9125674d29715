import { lookup as systemLookup } from 'node:dns'
import type { LookupFunction } from 'node:net'

/** Resolves a host name to one IPv4 or IPv6 address. */
export type Resolve = (host: string) => Promise<{ address: string; family: number }>

const resolveBySystem: Resolve = (host) =>
  new Promise((resolve, reject) => {
    systemLookup(host, (error, address, family) => {
      if (error) reject(error)
      else resolve({ address, family })
    })
  })

/**
 * A look-up for sockets that asks for each name at most once at a time, and falls back to the last good address when
 * the answer is late or an error.
 *
 * The system's look-up blocks one of four threads, for up to 20 s when the name of a stopped container falls through to
 * an outside resolver. With a look-up per connection attempt, the queue for these threads outlives the outage that
 * filled it.
 */
export function sharedLookup(options: { patienceMs: number; resolve?: Resolve }): LookupFunction {
  const resolve = options.resolve ?? resolveBySystem
  const running = new Map<string, ReturnType<Resolve>>()
  const lastGood = new Map<string, { address: string; family: number }>()

  const ask = (host: string): ReturnType<Resolve> => {
    const known = running.get(host)
    if (known) return known
    const asked = resolve(host)
      .then((found) => {
        lastGood.set(host, found)
        return found
      })
      .finally(() => running.delete(host))
    running.set(host, asked)
    return asked
  }

  return (host, lookupOptions, callback) => {
    let answered = false
    const answer = (error: Error | null, found?: { address: string; family: number }): void => {
      if (answered) return
      answered = true
      clearTimeout(timer)
      const usable = found ?? lastGood.get(host)
      if (usable === undefined)
        callback(error ?? new Error(`no address for ${host} within ${options.patienceMs} ms`), '', 4)
      else if (lookupOptions.all) callback(null, [usable])
      else callback(null, usable.address, usable.family)
    }
    const timer = setTimeout(() => answer(null), options.patienceMs)
    ask(host).then(
      (found) => answer(null, found),
      (error: unknown) => answer(error instanceof Error ? error : new Error(String(error))),
    )
  }
}
