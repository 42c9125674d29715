// Goal: the strip of a scenario's trials has each trial once, at its recovery time, and says what `run` says.
import { expect, test } from 'vitest'
import { judge } from '../../../chaos/judge/judge.ts'
import { summarizeTrials } from '../../../chaos/judge/trials.ts'
import type { Verdict } from '../../../chaos/judge/verdict.ts'
import { renderTrials } from '../../../chaos/report/trials.ts'
import { type Strip, stripsFrom } from '../../../chaos/ui/strip.ts'
import { met } from '../../journals/golden.ts'

const one = judge(met().build())

function trial(name: string, change: Partial<Verdict>) {
  return {
    run: `run-${name}`,
    world: 'blackstart',
    verdict: { ...one, trialId: name, outcome: 'recovered' as const, ...change },
  }
}

function stripOf(trials: Parameters<typeof stripsFrom>[0]): Strip {
  const [strip, ...others] = stripsFrom(trials)
  expect(others).toEqual([])
  return strip!
}

const recovered = [1_700, 1_500, 1_900, 1_600, 2_100, 1_800].map((recoveredInMs, index) =>
  trial(`t${index}`, { recoveredInMs }),
)

test('each at its recovery time, with the median and its interval', () => {
  const strip = stripOf(recovered)
  const { medianMs, medianIntervalMs } = summarizeTrials(recovered.map(({ verdict }) => verdict))
  expect(strip.dots.map(({ run, ms }) => [run, ms])).toEqual(
    [1_700, 1_500, 1_900, 1_600, 2_100, 1_800].map((ms, index) => [`run-t${index}`, ms]),
  )
  expect(strip).toMatchObject({ medianMs, interval: medianIntervalMs })
  expect(medianIntervalMs).not.toBeNull()
  expect(strip.endMs).toBeGreaterThan(2_100)
  expect(strip.ticks).toEqual([0, 500, 1_000, 1_500, 2_000])
  expect(strip.lines).toEqual(renderTrials(recovered.map(({ verdict }) => verdict)).split('\n'))
})

test('without an interruption at 0, not recovered at no place, not measured not at all', () => {
  const { dots } = stripOf([
    trial('calm', { outcome: 'uninterrupted', recoveredInMs: null }),
    trial('open', { outcome: 'censored', recoveredInMs: null }),
    trial('blind', { outcome: null, recoveredInMs: null }),
  ])
  expect(dots.map(({ run, ms }) => [run, ms])).toEqual([
    ['run-calm', 0],
    ['run-open', null],
  ])
})

test('one that is not valid is marked, and does not move the median', () => {
  const [check] = one.validity
  const invalid = trial('busy', {
    recoveredInMs: 9_000,
    validity: [{ ...check!, holds: false }],
    verdict: 'inconclusive',
  })
  const strip = stripOf([...recovered, invalid])
  expect(strip.dots.at(-1)).toMatchObject({ run: 'run-busy', ms: 9_000, isValid: false })
  expect(strip.dots.slice(0, -1).every(({ isValid }) => isValid)).toBe(true)
  expect(strip.medianMs).toBe(stripOf(recovered).medianMs)
  expect(strip.endMs).toBeGreaterThan(9_000)
})

test('a copy of a trial is no second one', () => {
  const [first] = recovered
  const strip = stripOf([...recovered, { run: 'copy', world: 'blackstart', verdict: { ...first!.verdict } }])
  expect(strip.dots.map(({ run }) => run)).toEqual(recovered.map(({ run }) => run))
})

test('another world is another system: a strip of its own, on the same axis', () => {
  const worse = recovered.map(({ run, verdict }) => ({
    run: `${run}-worse`,
    world: 'blackstart-worse',
    verdict: { ...verdict, trialId: `${verdict.trialId}-worse`, recoveredInMs: 20_000 + verdict.recoveredInMs! },
  }))
  const [asBuilt, other, ...rest] = stripsFrom([...worse, ...recovered])
  expect(rest).toEqual([])
  expect([asBuilt!.world, other!.world]).toEqual(['blackstart', 'blackstart-worse'])
  expect([asBuilt!.medianMs, other!.medianMs]).toEqual([1_750, 21_750])
  expect(asBuilt!.dots.map(({ run }) => run)).toEqual(recovered.map(({ run }) => run))
  expect(asBuilt).toMatchObject({ endMs: other!.endMs, ticks: other!.ticks })
})

test('no trials, no strip', () => expect(stripsFrom([])).toEqual([]))
