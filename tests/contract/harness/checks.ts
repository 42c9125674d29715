/** What every fault's observation is held to, whatever its kind. */
import { expect } from 'vitest'
import type { Observation, Sight } from './observe.ts'

/** An engine that is busy with others takes its time with each act. */
const spreadLimitMs = 1_000
const healLimitMs = 8_000
/** A busy machine pauses everyone now and then; a fault that lasts 1.6 s would be a longer pause. */
const pauseLimitMs = 1_200

/**
 * Ways that the fault must not touch: every connection answers, every line arrives once, in order, without a pause
 * worth the name.
 */
export function expectUntouched(seen: Observation): void {
  for (const [way, sight] of Object.entries(seen.untouched))
    expectWhole(sight, `${way}, while ${seen.kind} acts elsewhere`)
}

/** A way on which nothing happened. */
export function expectWhole({ fresh, later, idle, sleeper, again, up, down, busy }: Sight, way: string): void {
  for (const [which, reaction] of Object.entries({ fresh, later, idle, again })) {
    expect(reaction, `${which} connection, ${way}`).toMatchObject({ during: 'answers', after: null, usable: true })
  }
  expect(sleeper, `sleeping connection, ${way}`).toMatchObject({ during: 'silence', after: 'answers', usable: true })
  expect(busy, `busy connection, ${way}`).toMatchObject({ how: null, usable: true })
  for (const [direction, flow] of Object.entries({ up, down })) {
    expect(flow, `bytes ${direction}, ${way}`).toMatchObject({ lost: 0, twice: 0, disordered: 0 })
    expect(flow?.longestGapMs, `longest pause of bytes ${direction}, ${way}`).toBeLessThan(pauseLimitMs)
  }
}

/**
 * Whatever the fault was: after the heal a new connection works, and injecting and healing took no longer than they
 * may.
 */
export function expectHealed(seen: Observation): void {
  expect(seen.spreadMs, 'from the first act to the last').toBeLessThan(spreadLimitMs)
  expect(seen.healTookMs, 'the heal').toBeLessThan(healLimitMs)
  for (const [way, { again }] of Object.entries(seen.sights))
    expect(again, `a new connection after the heal, ${way}`).toMatchObject({ during: 'answers', usable: true })
}

/** The flow stopped where the acts took hold, give or take what was under way: `withinMs` after the last of them. */
export function expectStopped(flow: Sight['down'] | null, { spreadMs }: Observation, withinMs = 100): void {
  expect(flow?.stoppedMs, 'the last line before the silence').not.toBeNull()
  expect(flow?.stoppedMs).toBeGreaterThan(-150)
  expect(flow?.stoppedMs).toBeLessThan(spreadMs + withinMs)
  expect(flow?.during.lines, 'lines that arrived during the fault').toBe(0)
}

/** Everything that was sent arrived, once and in order. */
export const whole = { lost: 0, twice: 0, disordered: 0 }
