/** Times in which requests of a generated journal fail, stall or are slow. */
import { regions } from '../journals/world.ts'
import type { Plan } from './plan.ts'
import type { Random } from './random.ts'

export interface PlannedOutage {
  fromMs: number
  toMs: number
  /** Of the requests that it could hit. */
  share: number
  op: 'write' | 'read' | 'any'
  region: string
  as: 'unknown' | 'rejected' | 'stall' | 'slow'
  /** How long a failed request takes to fail, and a slow one to answer. */
  afterMs: number
}

/** Writes that another database answers, in another order than they began; and nothing but silence before a stop. */
export function outagesOf(
  random: Random,
  { telling, stop, steadyMs, observeMs }: Pick<Plan, 'telling' | 'stop' | 'steadyMs' | 'observeMs'>,
): PlannedOutage[] {
  const outages: PlannedOutage[] = []
  const fromMs = telling.elsewhereFromMs - steadyMs
  if (telling.names === 'elsewhere' && random.chance(0.5)) {
    const slow = {
      share: 0.3,
      op: 'write',
      region: 'any',
      as: 'slow',
      afterMs: fine(random.between(100, 900)),
    } as const
    outages.push({ fromMs: fine(fromMs), toMs: fine(fromMs + telling.elsewhereMs), ...slow })
  }
  if (stop !== null && random.chance(0.5)) {
    const stopMs = observeMs - stop.earlyMs
    const silence = {
      share: 1,
      op: random.of<PlannedOutage['op']>(['any', 'write', 'read']),
      region: 'any',
      as: 'stall',
    } as const
    outages.push({
      fromMs: fine(stopMs - random.between(0, stop.timeoutMs)),
      toMs: fine(observeMs),
      ...silence,
      afterMs: 0,
    })
  }
  return outages
}

export function outageOf(random: Random, observeMs: number, ratePerSecond: number): PlannedOutage {
  const lengthMs = random.of([
    random.between(0, 3000 / ratePerSecond),
    random.between(20, 1000),
    random.between(500, 5000),
    random.between(500, observeMs / 2),
  ])
  const fromMs = random.of([
    0,
    0,
    random.between(-2000, 0),
    random.between(0, 1500),
    random.between(0, observeMs / 3),
    random.between(0, observeMs),
    observeMs - lengthMs * random.between(0.2, 1.2),
  ])
  return {
    fromMs: fine(fromMs),
    toMs: fine(fromMs + lengthMs),
    share: random.of([1, 1, 1, 0.5, 0.2, 0.05, 0.02]),
    op: random.of(['any', 'any', 'any', 'write', 'read']),
    region: random.of(['any', 'any', 'any', ...regions]),
    as: random.of(['unknown', 'unknown', 'rejected', 'stall', 'slow']),
    afterMs: fine(random.of([random.between(1, 30), random.between(100, 3000), random.between(800, 1300)])),
  }
}

/** As many failures as a window may hold, or one more or less; or so late that one more window fits, or does not. */
export function outageAtALimit(
  random: Random,
  { steadyMs, observeMs, ratePerSecond }: { steadyMs: number; observeMs: number; ratePerSecond: number },
): PlannedOutage {
  const slotMs = 1000 / ratePerSecond
  const arrivals = Math.ceil((steadyMs + observeMs) / slotMs)
  const window = Math.max(200, Math.ceil(5000 / slotMs))
  const length = random.of([1, 2, 3, 4, 10, 11, 20, 21, random.whole(1, 40)])
  const end = random.chance(0.5) ? arrivals - window + random.whole(-3, 5) : random.whole(arrivals / 5, arrivals)
  const sinceT0 = (arrival: number): number => fine((arrival - 0.5) * slotMs - steadyMs)
  return {
    fromMs: sinceT0(end - length),
    toMs: sinceT0(end),
    ...{ share: 1, op: 'any', region: 'any', as: 'unknown', afterMs: 20 },
  }
}

/** Real clocks are exact to a thousandth of a millisecond. */
export function fine(ms: number): number {
  return Math.round(ms * 1000) / 1000
}
