import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { QueryFailed } from '../../../services/ledger/database/failures.ts'
import { type Admitted, Turnstile } from '../../../services/ledger/database/turnstile.ts'
import { ClientLeft, Unavailable, withinDeadline } from '../../../services/ledger/database/within-deadline.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const away = (): QueryFailed =>
  new QueryFailed('read-only transaction (25006)', {
    unavailable: true,
    mayHaveTakenEffect: false,
    connectionSpoilt: true,
    away: true,
  })
const busy = (): QueryFailed =>
  new QueryFailed('lock not available (55P03)', {
    unavailable: true,
    mayHaveTakenEffect: false,
    connectionSpoilt: false,
  })

/** A turnstile whose database was just found away. */
async function closed(): Promise<Turnstile> {
  const turnstile = new Turnstile({ pauseMs: 40 })
  turnstile.left((await turnstile.enter(1_000)) as Admitted, 'away')
  return turnstile
}

describe('a turnstile', () => {
  test('lets everybody in while the database is there', async () => {
    const turnstile = new Turnstile()
    expect(await Promise.all([turnstile.enter(0), turnstile.enter(1_000)])).toEqual(['try', 'try'])
  })

  test('lets one ask a database that has not answered for long, another one where that hears nothing, and then all', async () => {
    const turnstile = new Turnstile()
    await vi.advanceTimersByTimeAsync(4_999)
    expect(await turnstile.enter(0)).toBe('try')
    await vi.advanceTimersByTimeAsync(1)
    const admitted: string[] = []
    const all = ['a', 'b', 'c', 'd'].map((name) =>
      turnstile.enter(1_000).then((how) => {
        admitted.push(`${name} ${how}`)
      }),
    )
    await vi.advanceTimersByTimeAsync(199)
    expect(admitted).toEqual(['a first'])
    await vi.advanceTimersByTimeAsync(1)
    expect(admitted).toEqual(['a first', 'b first'])
    turnstile.left('first', 'there')
    await Promise.all(all)
    expect(admitted).toEqual(['a first', 'b first', 'c return', 'd return'])
    turnstile.left('return', 'there')
    turnstile.left('return', 'there')
    expect(await turnstile.enter(0)).toBe('try')
  })

  test('lets two at a time return to a database that had not answered for long, however many did before', async () => {
    const turnstile = await closed()
    const returned = Array.from({ length: 12 }, async () =>
      turnstile.left((await turnstile.enter(1_000)) as Admitted, 'there'),
    )
    await vi.advanceTimersByTimeAsync(40)
    await Promise.all(returned)
    await vi.advanceTimersByTimeAsync(5_000)
    const admitted: string[] = []
    for (const name of ['a', 'b', 'c', 'd', 'e'])
      void turnstile.enter(150).then((how) => {
        if (how !== 'late') admitted.push(`${name} ${how}`)
      })
    await vi.advanceTimersByTimeAsync(0)
    turnstile.left('first', 'there')
    await vi.advanceTimersByTimeAsync(0)
    expect(admitted).toEqual(['a first', 'b return', 'c return'])
  })

  test('asks at once again where the one that asked found nothing out', async () => {
    const turnstile = new Turnstile()
    await vi.advanceTimersByTimeAsync(5_000)
    const [first, second] = [turnstile.enter(1_000), turnstile.enter(1_000)]
    expect(await first).toBe('first')
    turnstile.left('first', 'nothing')
    expect(await second).toBe('first')
  })

  test('lets one at a time try a database that is away, a pause apart', async () => {
    const turnstile = await closed()
    const admitted: string[] = []
    const enter = (name: string) =>
      turnstile.enter(1_000).then((how) => {
        admitted.push(`${name} ${how}`)
      })
    const all = [enter('a'), enter('b'), enter('c')]
    await vi.advanceTimersByTimeAsync(39)
    expect(admitted).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(admitted).toEqual(['a scout'])
    await vi.advanceTimersByTimeAsync(100)
    expect(admitted).toEqual(['a scout'])
    turnstile.left('scout', 'away')
    await vi.advanceTimersByTimeAsync(40)
    expect(admitted).toEqual(['a scout', 'b scout'])
    turnstile.left('scout', 'there')
    await Promise.all(all)
    expect(admitted).toEqual(['a scout', 'b scout', 'c return'])
  })

  test('lets two at a time return, and one more for each two that succeed, in the order in which they came, newcomers last', async () => {
    const turnstile = await closed()
    const admitted: number[] = []
    const enter = (n: number) =>
      void turnstile.enter(1_000).then((how) => {
        if (how !== 'late') admitted.push(n)
      })
    const upTo = async (n: number) => {
      await vi.advanceTimersByTimeAsync(0)
      expect(admitted).toEqual(Array.from({ length: n + 1 }, (_, index) => index))
    }
    for (const n of [0, 1, 2, 3, 4, 5, 6, 7]) enter(n)
    await vi.advanceTimersByTimeAsync(40)
    await upTo(0)
    turnstile.left('scout', 'there')
    await upTo(2)
    turnstile.left('return', 'there')
    await upTo(3)
    turnstile.left('return', 'there')
    await upTo(5)
    turnstile.left('return', 'nothing')
    await upTo(6)
    // A newcomer pushes nobody in, and waits for its own turn.
    enter(8)
    await upTo(6)
    turnstile.left('return', 'there')
    turnstile.left('return', 'there')
    await upTo(8)
    expect(await turnstile.enter(0)).toBe('try')
  })

  test('lets two at a time return again after another absence', async () => {
    const turnstile = await closed()
    const returned = Array.from({ length: 12 }, async () =>
      turnstile.left((await turnstile.enter(1_000)) as Admitted, 'there'),
    )
    await vi.advanceTimersByTimeAsync(40)
    await Promise.all(returned)
    turnstile.left('try', 'away')
    const admitted: string[] = []
    for (const name of ['a', 'b', 'c', 'd', 'e'])
      void turnstile.enter(1_000).then((how) => {
        if (how !== 'late') admitted.push(`${name} ${how}`)
      })
    await vi.advanceTimersByTimeAsync(40)
    turnstile.left('scout', 'there')
    await vi.advanceTimersByTimeAsync(0)
    expect(admitted).toEqual(['a scout', 'b return', 'c return'])
  })

  test('does not close for what a try says that began before another found the database', async () => {
    const turnstile = await closed()
    const startedMs = performance.now()
    await vi.advanceTimersByTimeAsync(50)
    turnstile.left('try', 'there')
    turnstile.left('try', 'away', startedMs)
    expect(await turnstile.enter(0)).toBe('try')
    await vi.advanceTimersByTimeAsync(1)
    turnstile.left('try', 'away', performance.now())
    await vi.advanceTimersByTimeAsync(10)
    expect(turnstile.awayMs).toBe(10)
  })

  test('lets a second and a third try where the first hears nothing, and no more', async () => {
    const turnstile = await closed()
    const admitted: string[] = []
    for (const name of ['a', 'b', 'c', 'd', 'e'])
      void turnstile.enter(1_000).then((how) => {
        if (how !== 'late') admitted.push(`${name} ${how}`)
      })
    await vi.advanceTimersByTimeAsync(159)
    expect(admitted).toEqual(['a scout'])
    await vi.advanceTimersByTimeAsync(1)
    expect(admitted).toEqual(['a scout', 'b scout'])
    await vi.advanceTimersByTimeAsync(500)
    expect(admitted).toEqual(['a scout', 'b scout', 'c scout'])
    // One that was silent comes back from nowhere: whoever waits gets its place after a pause.
    turnstile.left('scout', 'away')
    await vi.advanceTimersByTimeAsync(120)
    expect(admitted).toEqual(['a scout', 'b scout', 'c scout', 'd scout'])
    turnstile.left('scout', 'there')
    await vi.advanceTimersByTimeAsync(0)
    expect(admitted).toEqual(['a scout', 'b scout', 'c scout', 'd scout', 'e return'])
  })

  test('lets the one that has waited longest go first, elsewhere included, also when it comes back from a try in vain', async () => {
    const turnstile = await closed()
    const admitted: string[] = []
    const sinceMs = { young: performance.now(), old: performance.now() - 1_200 }
    const enter = (name: keyof typeof sinceMs) =>
      void turnstile.enter(1_000, { sinceMs: sinceMs[name] }).then((how) => {
        admitted.push(`${name} ${how}`)
      })
    enter('young')
    enter('old')
    await vi.advanceTimersByTimeAsync(40)
    expect(admitted).toEqual(['old scout'])
    turnstile.left('scout', 'away')
    enter('old')
    await vi.advanceTimersByTimeAsync(40)
    expect(admitted).toEqual(['old scout', 'old scout'])
  })

  test('sends nobody to wait beyond its limit, and the next one takes that place', async () => {
    const turnstile = await closed()
    const first = turnstile.enter(30)
    const second = turnstile.enter(1_000)
    await vi.advanceTimersByTimeAsync(40)
    expect([await first, await second]).toEqual(['late', 'scout'])
  })

  test('lets whoever leaves go at once, and the next one takes that place', async () => {
    const turnstile = await closed()
    const client = new AbortController()
    const first = turnstile.enter(1_000, { left: client.signal })
    const second = turnstile.enter(1_000)
    client.abort()
    expect(await first).toBe('gone')
    await vi.advanceTimersByTimeAsync(40)
    expect(await second).toBe('scout')
    expect(await turnstile.enter(1_000, { left: client.signal })).toBe('gone')
  })

  test('opens by the success of one that was admitted before it closed', async () => {
    const turnstile = await closed()
    const waiting = turnstile.enter(1_000)
    turnstile.left('try', 'there')
    expect(await waiting).toBe('return')
  })

  test('has the next one try when a scout learned nothing', async () => {
    const turnstile = await closed()
    const admitted = [turnstile.enter(1_000), turnstile.enter(1_000)]
    await vi.advanceTimersByTimeAsync(40)
    expect(await admitted[0]).toBe('scout')
    turnstile.left('scout', 'nothing')
    expect(await admitted[1]).toBe('scout')
  })
})

describe('requests that share a turnstile', () => {
  /**
   * 100 requests to a database that comes back after `backMs`; how they ended, and how often the database was asked.
   */
  async function through({ backMs, deadlineMs }: { backMs: number; deadlineMs: number }) {
    const turnstile = new Turnstile({ pauseMs: 40 })
    const startedMs = performance.now()
    let asked = 0
    const attempt = async (): Promise<number> => {
      asked += 1
      await new Promise((resolve) => {
        setTimeout(resolve, 5)
      })
      if (performance.now() - startedMs < backMs) throw away()
      return performance.now() - startedMs
    }
    const results = Promise.allSettled(
      Array.from({ length: 100 }, () => withinDeadline(attempt, { deadlineMs, turnstile })),
    )
    await vi.advanceTimersByTimeAsync(deadlineMs + 1_000)
    return { results: await results, asked: () => asked }
  }

  test('all succeed soon after the database is back, and hardly ask it before', async () => {
    const { results, asked } = await through({ backMs: 1_000, deadlineMs: 2_000 })
    const endedMs = results.map((result) => (result.status === 'fulfilled' ? result.value : Infinity))
    // Two at first, and one more for each two, of 5 ms each.
    expect(Math.max(...endedMs)).toBeLessThanOrEqual(1_090)
    // The first hundred that found out, one scout each 45 ms, and a hundred successes.
    expect(asked()).toBeLessThanOrEqual(100 + 25 + 100)
  })

  test('are not held where it has been away for longer than that', async () => {
    const turnstile = await closed()
    await vi.advanceTimersByTimeAsync(1_001)
    expect(turnstile.awayMs).toBe(1_001)
    const startedMs = performance.now()
    const endedMs = withinDeadline(() => Promise.reject(away()), { deadlineMs: 1_000, turnstile }).catch(
      () => performance.now() - startedMs,
    )
    await vi.advanceTimersByTimeAsync(1_000)
    expect(await endedMs).toBeLessThanOrEqual(300)
    turnstile.left('try', 'there')
    expect(turnstile.awayMs).toBe(0)
  })

  test.each([
    [600, 290, 300],
    [900, 900, 1_000],
  ])('are held all the same if they have been around: one of %i ms for %i to %i ms', async (ageMs, leastMs, mostMs) => {
    const turnstile = await closed()
    await vi.advanceTimersByTimeAsync(1_001)
    const startedMs = performance.now()
    const caller = { ageMs, left: new AbortController().signal }
    const endedMs = withinDeadline(() => Promise.reject(away()), { deadlineMs: 1_000, turnstile, caller }).catch(
      () => performance.now() - startedMs,
    )
    await vi.advanceTimersByTimeAsync(1_000)
    expect(await endedMs).toBeGreaterThanOrEqual(leastMs)
    expect(await endedMs).toBeLessThanOrEqual(mostMs)
  })

  test.each([
    [true, 460, 500],
    [false, 950, 1_000],
  ])('whose primary is in another region (%s) are held for %i to %i ms', async (elsewhere, leastMs, mostMs) => {
    const turnstile = await closed()
    const startedMs = performance.now()
    const caller = { ageMs: 1_300, elsewhere, left: new AbortController().signal }
    const endedMs = withinDeadline(() => Promise.reject(away()), { deadlineMs: 1_000, turnstile, caller }).catch(
      () => performance.now() - startedMs,
    )
    await vi.advanceTimersByTimeAsync(1_000)
    expect(await endedMs).toBeGreaterThanOrEqual(leastMs)
    expect(await endedMs).toBeLessThanOrEqual(mostMs)
  })

  test('have all their time for a connection where they ask first, and not where they try for the others', async () => {
    const turnstile = new Turnstile()
    await vi.advanceTimersByTimeAsync(5_000)
    const limits: number[] = []
    const ask = () =>
      withinDeadline(async (_, suspectMs) => void limits.push(suspectMs), { deadlineMs: 1_000, turnstile })
    await ask()
    turnstile.left('try', 'away')
    const scout = ask()
    await vi.advanceTimersByTimeAsync(40)
    await scout
    expect(limits).toEqual([Infinity, 400])
  })

  test('end when their client leaves', async () => {
    const turnstile = await closed()
    const client = new AbortController()
    const ended = withinDeadline(() => Promise.reject(away()), {
      deadlineMs: 1_000,
      turnstile,
      caller: { ageMs: 0, left: client.signal },
    }).catch((error: unknown) => error)
    await vi.advanceTimersByTimeAsync(100)
    client.abort()
    expect(await ended).toBeInstanceOf(ClientLeft)
  })

  test('are told that it is away when their time is up', async () => {
    const { results } = await through({ backMs: 10_000, deadlineMs: 500 })
    const reasons = results.map((result) => (result.status === 'rejected' ? result.reason : undefined))
    expect(
      reasons.every(
        (reason) => reason instanceof Unavailable && !reason.mayHaveTakenEffect && /25006/.test(reason.message),
      ),
    ).toBe(true)
  })

  test('do not wait for each other because of one that was merely refused a lock', async () => {
    const turnstile = new Turnstile()
    const refused = withinDeadline(() => Promise.reject(busy()), { deadlineMs: 10, turnstile })
    await expect(refused).rejects.toBeInstanceOf(Unavailable)
    expect(await turnstile.enter(0)).toBe('try')
  })
})
