// Goal: the loss of the store costs a request one time limit at most, and most requests nothing.
// Method: a breaker with short times, around questions that answer, throw or stay silent.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { away, Breaker } from '../../../services/ledger/store/breaker.ts'

const limitMs = 50
const restMs = 250
const answers = async () => 'answer'
const silent = () => new Promise<string>(() => {})
const throws = () => Promise.reject<string>(new Error('connection reset'))
/** Not even a promise: a client may throw at once. */
const explodes = (): Promise<string> => {
  throw new TypeError('no client')
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())

function breaker() {
  const changes: boolean[] = []
  return { changes, breaker: new Breaker({ limitMs, restMs, onChange: (isAway) => changes.push(isAway) }) }
}

describe('the breaker', () => {
  test('hands answers through, and leaves no timer behind', async () => {
    const { breaker: own, changes } = breaker()
    expect(await own.run(answers)).toBe('answer')
    expect([changes, vi.getTimerCount()]).toEqual([[], 0])
  })

  test.each([
    ['throws', throws],
    ['explodes', explodes],
  ])('a store that %s is away at once', async (_, ask) => {
    const { breaker: own, changes } = breaker()
    expect(await own.run(ask)).toBe(away)
    expect([changes, vi.getTimerCount()]).toEqual([[true], 0])
  })

  test('a store that never answers is away after the limit', async () => {
    const { breaker: own } = breaker()
    const answer = own.run(silent)
    await vi.advanceTimersByTimeAsync(limitMs - 1)
    expect(await Promise.race([answer, 'still waiting'])).toBe('still waiting')
    await vi.advanceTimersByTimeAsync(1)
    expect(await answer).toBe(away)
  })

  test('an answer that comes too late harms nobody', async () => {
    const { breaker: own } = breaker()
    const { promise, reject } = Promise.withResolvers<string>()
    const answer = own.run(() => promise)
    await vi.advanceTimersByTimeAsync(limitMs)
    reject(new Error('too late'))
    expect(await answer).toBe(away)
  })

  test('is not asked again while it rests, then by one for all', async () => {
    const { breaker: own, changes } = breaker()
    const ask = vi.fn(silent)
    const first = own.run(ask)
    await vi.advanceTimersByTimeAsync(limitMs)
    await first
    expect(await Promise.all([own.run(ask), own.run(ask)])).toEqual([away, away])
    expect(ask).toHaveBeenCalledTimes(1)

    await vi.advanceTimersByTimeAsync(restMs)
    const scout = own.run(ask)
    expect(await Promise.all([own.run(ask), own.run(ask)])).toEqual([away, away])
    expect(ask).toHaveBeenCalledTimes(2)
    await vi.advanceTimersByTimeAsync(limitMs)
    expect([await scout, await own.run(ask)]).toEqual([away, away])
    expect([ask.mock.calls.length, changes]).toEqual([2, [true]])
  })

  test('lets all in again once the store has come back', async () => {
    const { breaker: own, changes } = breaker()
    await own.run(throws)
    await vi.advanceTimersByTimeAsync(restMs)
    expect(await own.run(answers)).toBe('answer')
    expect(await Promise.all([own.run(answers), own.run(answers)])).toEqual(['answer', 'answer'])
    expect(changes).toEqual([true, false])
  })
})
