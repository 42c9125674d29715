// Goal: a kind that the observers cannot prove by themselves is proved by its own evidence, and by nothing less.
import { describe, expect, test } from 'vitest'
import type { Probes } from '../../../chaos/faults/reach.ts'
import { faultSpecSchema } from '../../../chaos/scenarios/schema.ts'
import { ordered, reaching } from './reaching.ts'

const eastWest = { scope: 'link', sites: ['east', 'west'] }
const app = { scope: 'node', name: 'app-west-a' }

/** What each look says, in order: the probes answer with the next value each time. */
async function looks(
  kind: string,
  target: object,
  told: object | undefined,
  answers: Partial<Probes>,
): Promise<unknown[]> {
  const spec = faultSpecSchema.parse({ kind: kind as 'none', target, forMs: 1_000, ...(told && { with: told }) })
  const { fault, order } = ordered(spec)
  const [claim] = fault.claims?.(order, reaching(answers).context) ?? []
  return [await claim?.look(), await claim?.look()]
}

function inTurn<T>(...values: T[]): () => Promise<T> {
  let next = 0
  return async () => values[Math.min(next++, values.length - 1)] as T
}
const trips = (...ms: [number, number]) => [
  { from: 'east', to: 'west', ms: ms[0] },
  { from: 'west', to: 'east', ms: ms[1] },
]
const holds = (said: string) => ({ holds: true, evidence: said })
const not = (said: string) => ({ holds: false, seen: said })

describe('on the link east-west, which has 15 ms of its own each way', () => {
  test('slow: both round trips take twice the latency of both', async () => {
    const answers = { roundTrips: inTurn(trips(190, 189), trips(190, 190)) }
    expect(await looks('slow', eastWest, { latencyMs: 80 }, answers)).toEqual([
      not('east to west and back takes 190 ms, west to east and back takes 189 ms'),
      {
        ...holds('east to west and back takes 190 ms, west to east and back takes 190 ms'),
        roundTrips: [
          { from: 'east', to: 'west', leastMs: 190, mostMs: 190 },
          { from: 'west', to: 'east', leastMs: 190, mostMs: 190 },
        ],
      },
    ])
  })

  test('jitter: the round trips seen so far differ by more than half of it', async () => {
    const answers = { roundTrips: inTurn(trips(30, 50), trips(51, 40)) }
    expect(await looks('jitter', eastWest, { jitterMs: 40 }, answers)).toEqual([
      not('round trips over link-east-west take 30 to 50 ms'),
      {
        ...holds('round trips over link-east-west take 30 to 51 ms'),
        roundTrips: [
          { from: 'east', to: 'west', leastMs: 30, mostMs: 51 },
          { from: 'west', to: 'east', leastMs: 40, mostMs: 50 },
        ],
      },
    ])
  })

  test('bandwidth: a transfer of a second gets a fifth more at the most', async () => {
    const rate = (kilobytesPerSecond: number) => ({ from: 'east', to: 'west', kilobytesPerSecond })
    const answers = { transferRate: inTurn(rate(60.1), rate(60)) }
    expect(await looks('bandwidth', eastWest, { kilobytesPerSecond: 50 }, answers)).toEqual([
      not('link-east-west carries 60.1 kB/s from east to west'),
      holds('link-east-west carries 60.0 kB/s from east to west'),
    ])
  })

  const lost = (...counts: [from: string, met: number, lost: number][]) =>
    counts.map(([from, met, lost]) => ({ from, to: from === 'east' ? 'west' : 'east', met, lost }))

  test('loss: the kernel counted as many lost packets as the share makes likely, in each direction that was asked for', async () => {
    // 200 packets of which a fifth is lost: 40, and four times 5.7 more or less.
    const answers = {
      losses: inTurn(lost(['east', 200, 40], ['west', 200, 63]), lost(['east', 200, 40], ['west', 200, 62])),
    }
    expect(await looks('loss', eastWest, { share: 0.2 }, answers)).toEqual([
      not('40 of 200 packets from east to west were lost, 63 of 200 packets from west to east were lost'),
      holds('40 of 200 packets from east to west were lost, 62 of 200 packets from west to east were lost'),
    ])
  })

  test('loss: two lost packets are too few, and a direction that is not counted is not proved', async () => {
    const few = { losses: inTurn(lost(['east', 10, 2]), lost(['east', 10, 3])) }
    expect(await looks('loss', eastWest, { share: 0.2, direction: 'out' }, few)).toEqual([
      not('2 of 10 packets from east to west were lost'),
      holds('3 of 10 packets from east to west were lost'),
    ])
    expect(await looks('loss', eastWest, { share: 0.2 }, few)).toMatchObject([{ holds: false }, { holds: false }])
    const none = { losses: inTurn(lost(['east', 0, 0])) }
    expect(await looks('loss', eastWest, { share: 0.2, direction: 'out' }, none)).toMatchObject([
      { holds: false },
      { holds: false },
    ])
  })

  test('a flap too short to be taken for the end: nothing was heard for 0.6 of a down phase, in both directions', async () => {
    const told = { of: 'blackhole', downMs: 500, upMs: 500 }
    const answers = { silences: inTurn(trips(300, 10), trips(5, 300)) }
    expect(await looks('flap', eastWest, told, answers)).toEqual([
      not('nothing was heard for east to west 300 ms, west to east 10 ms'),
      holds('nothing was heard for east to west 300 ms, west to east 300 ms'),
    ])
    expect(await looks('flap', eastWest, { ...told, downMs: 1_000 }, {})).toEqual([undefined, undefined])
  })
})

test('cpu-starve: the kernel held the node back since the first look', async () => {
  expect(await looks('cpu-starve', app, { cores: 0.1 }, { throttled: inTurn(7, 9) })).toEqual([
    not('app-west-a was not held back yet'),
    holds('the kernel held app-west-a back 2 times'),
  ])
})

test('disk-full: not a byte is left', async () => {
  expect(await looks('disk-full', app, undefined, { roomLeft: inTurn(1, 0) })).toEqual([
    not('app-west-a has 1 bytes left'),
    holds('app-west-a has 0 bytes left at /data'),
  ])
})

test('isolate: at least what the probe itself sent was dropped', async () => {
  const answers = { isolation: inTurn({ arrived: 40, left: 2 }, { arrived: 40, left: 5 }) }
  expect(await looks('isolate', app, undefined, answers)).toEqual([
    not('2 packets from app-west-a and 40 to it were dropped'),
    holds('5 packets from app-west-a and 40 to it were dropped'),
  ])
})

test('isolate: what was dropped before the proof is no evidence that it lasts', async () => {
  const answers = { isolation: inTurn({ arrived: 40, left: 5 }, { arrived: 40, left: 7 }) }
  expect(await looks('isolate', app, undefined, answers)).toEqual([
    holds('5 packets from app-west-a and 40 to it were dropped'),
    not('2 packets from app-west-a and 40 to it were dropped'),
  ])
})
