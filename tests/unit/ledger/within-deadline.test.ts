import { describe, expect, test } from 'vitest'
import { QueryFailed, UnconfirmedCommit } from '../../../services/ledger/database/failures.ts'
import type { Clock } from '../../../services/ledger/database/within-deadline.ts'
import { Unavailable, withinDeadline } from '../../../services/ledger/database/within-deadline.ts'

/** Time passes only when somebody sleeps or says so. */
function fakeClock(): Clock & { pass: (durationMs: number) => void } {
  let nowMs = 1_000
  const pass = (durationMs: number): void => {
    nowMs += durationMs
  }
  return { nowMs: () => nowMs, sleep: async (durationMs) => pass(durationMs), pass }
}

const failed = (conclusion: { unavailable?: boolean; mayHaveTakenEffect?: boolean } = {}): QueryFailed =>
  new QueryFailed('connection refused', {
    unavailable: conclusion.unavailable ?? true,
    mayHaveTakenEffect: conclusion.mayHaveTakenEffect ?? false,
    connectionSpoilt: true,
  })

describe('trying within a deadline', () => {
  test('returns the first success at once', async () => {
    const clock = fakeClock()
    expect(await withinDeadline(async () => 'answer', { deadlineMs: 1_100, clock })).toBe('answer')
    expect(clock.nowMs()).toBe(1_000)
  })

  test('holds the request through a fail-over that ends in time', async () => {
    const clock = fakeClock()
    const results: string[] = []
    const attempt = async (): Promise<string> => {
      if (clock.nowMs() < 1_700) throw failed()
      return 'answer of the new primary'
    }
    const answer = await withinDeadline(attempt, {
      deadlineMs: 1_100,
      clock,
      onAttempt: (result) => results.push(result),
    })
    expect(answer).toBe('answer of the new primary')
    // Pauses of 20, 40, 80, 160, 200, 200 ms.
    expect(results).toEqual([...Array(6).fill('retried'), 'ok'])
    expect(clock.nowMs()).toBe(1_700)
  })

  test('gives up before the deadline has passed, and says why and after how many attempts', async () => {
    const clock = fakeClock()
    const gaveUp = withinDeadline(() => Promise.reject(failed()), { deadlineMs: 1_100, clock })
    await expect(gaveUp).rejects.toThrow(/^connection refused \(after \d attempts\)$/)
    await expect(gaveUp).rejects.toMatchObject({ name: 'Unavailable', mayHaveTakenEffect: false })
    expect(clock.nowMs()).toBeLessThanOrEqual(2_100)
  })

  test('gives each attempt no more time than is left, nor more than its own limit', async () => {
    const clock = fakeClock()
    const limits: number[] = []
    const silent = (limitMs: number): Promise<never> => {
      limits.push(limitMs)
      clock.pass(limitMs)
      return Promise.reject(failed({ mayHaveTakenEffect: true }))
    }
    await expect(withinDeadline(silent, { deadlineMs: 500, attemptLimitMs: 250, clock })).rejects.toBeInstanceOf(
      Unavailable,
    )
    expect(limits).toEqual([250, 230])
    expect(clock.nowMs()).toBe(1_500)
  })

  test('remembers that one of several attempts may have been stored', async () => {
    const clock = fakeClock()
    let attempts = 0
    const attempt = (): Promise<never> => Promise.reject(failed({ mayHaveTakenEffect: (attempts += 1) === 1 }))
    await expect(withinDeadline(attempt, { deadlineMs: 300, clock })).rejects.toMatchObject({
      mayHaveTakenEffect: true,
    })
  })

  test('never takes an unconfirmed commit for a success, nor tries it again', async () => {
    let attempts = 0
    const attempt = (): Promise<never> => {
      attempts += 1
      return Promise.reject(new UnconfirmedCommit('canceling wait for synchronous replication due to user request'))
    }
    await expect(withinDeadline(attempt, { deadlineMs: 1_100, clock: fakeClock() })).rejects.toMatchObject({
      name: 'Unavailable',
      mayHaveTakenEffect: true,
      attempts: 1,
    })
    expect(attempts).toBe(1)
  })

  test('passes on at once what no second attempt could mend', async () => {
    const defect = failed({ unavailable: false })
    await expect(withinDeadline(() => Promise.reject(defect), { deadlineMs: 1_100, clock: fakeClock() })).rejects.toBe(
      defect,
    )
    const bug = new TypeError('x is not a function')
    await expect(withinDeadline(() => Promise.reject(bug), { deadlineMs: 1_100, clock: fakeClock() })).rejects.toBe(bug)
  })
})
