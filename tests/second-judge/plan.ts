/** What goes wrong in a generated journal: drawn from a seed, and small enough to print. */
import type { Objectives, SurgeSpec } from '../../chaos/scenarios/schema.ts'
import { databases } from '../journals/world.ts'
import { fine, outageAtALimit, outageOf, outagesOf, type PlannedOutage } from './outages.ts'
import { objectivesOf } from './promises.ts'
import type { Random } from './random.ts'
import { type PlannedTelling, tellingOf } from './telling.ts'

export interface PlannedSpell {
  node: string
  fromMs: number
  toMs: number | null
  told: boolean
}
export interface Plan {
  seed: number
  ratePerSecond: number
  writeEvery: number
  steadyMs: number
  observeMs: number
  objectives: Partial<Objectives>
  /** Besides the one at 0: these change nothing. */
  faults: number[]
  takeOver: boolean
  /** Another one held the leader key for a while, long before the fault. */
  heldBefore: boolean
  outages: PlannedOutage[]
  strays: number
  spells: PlannedSpell[]
  /** The terms that the DCS tells, if it does: when it elects a leader, and who is not heard any more. */
  terms: { elections: number[]; steps: number; unheard: string[] } | null
  gaps: { node: string; fromMs: number; lengthMs: number; reason: string }[]
  lies: Lie[]
  losses: Loss[]
  telling: PlannedTelling
  /** The load is told to stop so long before its end; null: it ends by itself. */
  stop: { earlyMs: number; timeoutMs: number } | null
  /** More arrivals for a while; none where the load is told to stop, as in a drill. */
  surges: SurgeSpec[]
}
/** What is wrong with the journal itself. */
export type Lie =
  | 'disorder'
  | 'twice'
  | 'hole'
  | 'cut'
  | 'torn'
  | 'step'
  | 'apart'
  | 'unnumbered'
  | 'early end'
  | 'told offset'
  | 'surge unasked'
/** What is wrong with the stored data. */
export type Loss =
  | 'lost'
  | 'lost on one'
  | 'resurrected'
  | 'resurrected on one'
  | 'unknown stored'
  | 'unknown on one'
  | 'duplicated'
  | 'never sent'
  | 'invariant'
  | 'not read'
  | 'not redundant'
  | 'read twice'

/** One, or two with a moment in between. The last may outlast the load. */
function surgesOf(random: Random, observeMs: number): Plan['surges'] {
  const half = observeMs / 2
  const first = { atMs: fine(random.between(0, half / 2)), forMs: fine(random.between(200, half / 2)), times: 2 }
  const second = { atMs: fine(half + random.between(0, half / 2)), forMs: fine(random.between(200, half)), times: 1.5 }
  return random.of([[first], [second], [first, second]])
}

/** Most plans break some promise. In some nothing goes wrong, so that enough verdicts are met. */
export function planOf(seed: number, random: Random): Plan {
  const plan = anyPlan(seed, random)
  const calm = {
    outages: [],
    strays: 0,
    spells: [],
    terms: { elections: [], steps: 1, unheard: [] },
    gaps: [],
    lies: [],
    losses: [],
  }
  if (random.chance(0.04)) return { ...plan, ...calm }
  return plan.surges.length > 0 && random.chance(0.1) ? { ...plan, lies: ['surge unasked'] } : plan
}

function anyPlan(seed: number, random: Random): Plan {
  const isLarge = random.chance(0.01)
  const ratePerSecond = isLarge ? random.of([60, 70, 90, 100]) : random.of([10, 15, 20, 25, 30, 33, 40, 40, 47, 50, 60])
  // So long that most streams hold at least one window of 200 requests after the fault.
  const observeMs = isLarge
    ? random.between(20_000, 50_000)
    : Math.max(6000, (200_000 / ratePerSecond) * random.between(0.95, 2.5))
  const steadyMs = fine(random.between(2100, 4500))
  const outages = random.times(random.of([0, 1, 1, 1, 1, 2, 2, 3]), () =>
    random.chance(0.2)
      ? outageAtALimit(random, { steadyMs, observeMs, ratePerSecond })
      : outageOf(random, observeMs, ratePerSecond),
  )
  const takeOver = random.chance(0.8)
  const telling = tellingOf(random, steadyMs + observeMs)
  const stop = random.chance(0.15)
    ? { earlyMs: fine(random.of([0, random.between(0, 3000)])), timeoutMs: random.of([500, 1000, 2000, 3000]) }
    : null
  return {
    seed,
    ratePerSecond,
    writeEvery: random.of([1, 2, 2, 2, 3, 4, 7, 100]),
    steadyMs,
    observeMs: fine(observeMs),
    objectives: objectivesOf(random),
    faults: random.of([
      [],
      [],
      [],
      [fine(random.between(0, 4000))],
      random.chance(0.3) ? [fine(random.between(-900, 0))] : [],
    ]),
    takeOver,
    heldBefore: random.chance(0.15),
    outages: [...outages, ...outagesOf(random, { telling, stop, steadyMs, observeMs })],
    strays: random.of([0, 0, 0, 1, 1, 2, 5]),
    spells: random.chance(0.6)
      ? random.times(takeOver ? random.of([0, 1]) : 0, () => secondPrimary(random))
      : apart(random.times(random.of([0, 0, 1, 2, 4]), () => spellOf(random, observeMs))),
    terms: random.chance(0.2)
      ? null
      : {
          elections: random.times(random.of([0, 0, 1, 1, 2, 5]), () => random.between(-900, observeMs + 1_800)),
          steps: random.of([1, 1, 2, 7]),
          unheard: random.of([[], [], ['etcd-east'], ['etcd-west', 'etcd-witness']]),
        },
    gaps: random.times(random.of([0, 0, 0, 0, 1, 2]), () => ({
      node: random.of(databases),
      fromMs: fine(random.between(-2000, observeMs)),
      lengthMs: fine(random.between(50, 3000)),
      reason: random.of(['instrument: no sample was taken', 'subject: slow to answer']),
    })),
    lies: random.chance(0.15)
      ? [
          random.of<Lie>([
            'disorder',
            'twice',
            'hole',
            'cut',
            'torn',
            'step',
            'apart',
            'unnumbered',
            'early end',
            'told offset',
            'told offset',
          ]),
        ]
      : [],
    telling,
    stop,
    surges: stop === null && random.chance(0.2) ? surgesOf(random, observeMs) : [],
    losses: random.chance(0.3) ? random.times(random.of([1, 1, 2, 3]), () => lossOf(random)) : [],
  }
}

function spellOf(random: Random, observeMs: number): PlannedSpell {
  const fromMs = random.between(-3000, observeMs)
  return {
    node: random.of(databases),
    fromMs: fine(fromMs),
    toMs: random.chance(0.2) ? null : fine(fromMs + random.of([0, random.between(0, 50), random.between(0, 4000)])),
    told: random.chance(0.9),
  }
}

/** One that commits from shortly after the fault on, before the take-over and perhaps beyond it. */
function secondPrimary(random: Random): PlannedSpell {
  const fromMs = fine(random.between(1, 95))
  return { node: 'pg-west-b', fromMs, toMs: fine(fromMs + random.between(0, 4000)), told: true }
}

/** A database begins a spell only after its last one ended. */
function apart(spells: PlannedSpell[]): PlannedSpell[] {
  return spells.filter(({ node, fromMs }, i) =>
    spells.slice(0, i).every((other) => other.node !== node || (other.toMs !== null && other.toMs + 100 < fromMs)),
  )
}

function lossOf(random: Random): Loss {
  return random.of<Loss>([
    'lost',
    'lost on one',
    'resurrected',
    'resurrected on one',
    'unknown stored',
    'unknown on one',
    'duplicated',
    'never sent',
    'invariant',
    'not read',
    'not redundant',
    'read twice',
  ])
}
