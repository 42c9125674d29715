// Goal: no figure of a verdict rests on one implementation.
// Method: thousands of generated journals with outages, relapses, overlaps, gaps, losses and lies of all kinds. Two
// judges read each, and share nothing but the journal's reader. The second one is naive and slow (judge.ts).
//
// SEED=7 begins with another journal, COUNT=20000 judges more of them, ONE=123 shows and judges that one alone.
import { beforeAll, expect, test } from 'vitest'
import { judge } from '../../chaos/judge/judge.ts'
import { type Difference, differences } from './compare.ts'
import { endIsFound } from './ends.ts'
import { generate } from './generate.ts'
import { secondJudge } from './judge.ts'
import { isKnown } from './known.ts'
import { shown } from './shown.ts'

const one = process.env['ONE']
const firstSeed = Number(one ?? process.env['SEED'] ?? 1)
const count = one === undefined ? Number(process.env['COUNT'] ?? 5000) : 1
const limitMs = 600_000
const shownAtMost = 10
const mustOccur = [
  ...['uninterrupted', 'some-failed', 'outage', 'verdict met', 'verdict missed', 'verdict inconclusive'],
  ...[
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
    'surge unasked',
  ],
  ...['lost', 'lost on one', 'resurrected', 'resurrected on one', 'unknown stored', 'unknown on one', 'duplicated'],
  ...['never sent', 'invariant', 'not read', 'not redundant', 'read twice'],
]
/** Of the journals that are judged without a doubt, at least so many in a hundred show it. */
const shares: Record<string, number> = {
  'clients name a second primary': 3,
  'a stale read': 5,
  'no stale read': 3,
  'a read that goes back': 5,
  'no read that goes back': 3,
  'the primary kept': 5,
  'another took over': 5,
  'a stopped load': 3,
  'a surge': 5,
  'an open gap': 1,
  'a stall': 5,
  'phases of a plain take-over': 10,
  'a settle': 3,
  'same-primary met': 1,
  'same-primary missed': 1,
  'recover-after-heal met': 1,
  'recover-after-heal missed': 1,
  'failed-reads met': 1,
  'failed-reads missed': 1,
  'take-overs met': 1,
  'take-overs missed': 1,
  'dcs-elections met': 1,
  'dcs-elections missed': 1,
  'stale-reads met': 1,
  'stale-reads missed': 1,
  'monotonic-reads met': 1,
  'monotonic-reads missed': 1,
}

const seen = new Map<string, number>()
const valid = new Map<string, number>()
let validCount = 0
const found: string[] = []
const ends: { seed: number; isWithin: boolean }[] = []

beforeAll(() => {
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    const { plan, journal } = generate(seed)
    const verdict = judge(journal)
    const opinion = secondJudge(journal)
    if (one !== undefined) console.log(JSON.stringify(plan, null, 2), opinion)
    const outcome = opinion.clients?.recovery.outcome ?? 'nothing measured'
    for (const kind of [outcome, `verdict ${verdict.verdict}`, ...plan.lies, ...plan.losses])
      seen.set(kind, (seen.get(kind) ?? 0) + 1)
    if (verdict.validity.every(({ holds }) => holds)) {
      validCount++
      for (const kind of shown(verdict, opinion, plan)) valid.set(kind, (valid.get(kind) ?? 0) + 1)
    }
    const unknown = differences(journal, verdict, opinion).filter((difference) => !isKnown(difference))
    found.push(...unknown.map((difference) => inWords(seed, difference)))
    const isWithin = endIsFound(plan, journal, verdict)
    if (isWithin !== null) ends.push({ seed, isWithin })
  }
}, limitMs)

test(`two judges agree on ${count} journals`, () => {
  expect(found.slice(0, shownAtMost), `${found.length} differences`).toEqual([])
})

// A judge may say where a partial outage ended only to its resolution, which is to hold in 99 of 100.
test.runIf(count >= 1000)('the end that was planned is the one that is found', () => {
  expect(ends.length).toBeGreaterThan(count / 100)
  const missed = ends.filter(({ isWithin }) => !isWithin).map(({ seed }) => `ONE=${seed}`)
  expect(missed.length / ends.length, missed.slice(0, shownAtMost).join(', ')).toBeLessThan(0.03)
})

// A generator that has gone tame would make this test worthless.
test.runIf(count >= 4000).each(mustOccur)('the journals are of every kind: %s', (kind) => {
  expect(seen.get(kind) ?? 0).toBeGreaterThan(20)
})

test.runIf(count >= 1000).each(Object.entries(shares))('valid journals show often enough: %s', (kind, percent) => {
  expect((100 * (valid.get(kind) ?? 0)) / validCount).toBeGreaterThan(percent)
})

function inWords(seed: number, { field, first, second }: Difference): string {
  return `ONE=${seed} ${field}: the first judge says ${String(first)}, the second ${String(second)}`
}
