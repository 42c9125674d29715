// Goal: nothing wrong passes as met. A lie is planted in journals that are honestly met, synthetic ones and those of
// real trials; not one may be met afterwards, and it must be refused by the check whose business it is.
// Method: tests/journals/lies.ts is the list. Events are numbered anew, so that no lie shows by a hole in the numbers.
import { describe, expect, test } from 'vitest'
import { JournalLimitError } from '../../../chaos/journal/limits.ts'
import { recordedJournal } from '../../../chaos/journal/recorded.ts'
import type { JournalEvent } from '../../../chaos/journal/schema.ts'
import { judge } from '../../../chaos/judge/judge.ts'
import type { Verdict } from '../../../chaos/judge/verdict.ts'
import { honest, realOnes, syntheticOnes } from '../../journals/honest.ts'
import { type Lie, lies } from '../../journals/lies.ts'

/** Lies that are not refused yet, by name: exactly these. */
const pending: readonly string[] = []

const judged = (events: readonly JournalEvent[]): Verdict =>
  judge(recordedJournal(events.map((event, seq) => (event.seq === seq ? event : { ...event, seq }))))
/** Broken checks, and objectives that are not met. Some journals are not even read. */
function refusals(events: readonly JournalEvent[]): { verdict: Verdict['verdict']; by: string[]; summary: string } {
  try {
    const { verdict, validity, objectives, summary } = judged(events)
    const broken = validity.filter((check) => !check.holds).map(({ name }): string => name)
    const unmet = objectives.filter((objective) => objective.verdict !== 'met').map(({ name }): string => name)
    return { verdict, by: [...broken, ...unmet], summary }
  } catch (error) {
    if (!(error instanceof JournalLimitError)) throw error
    return { verdict: 'inconclusive', by: ['the reader'], summary: error.message }
  }
}

/** So many real journals, the first that a lie applies to, from another one on for each lie. */
const mostReal = 3

/** What became of a lie in the journals that it applies to. */
function told(lie: Lie): { applies: number; believed: string[]; otherwise: string[] } {
  const result = { applies: 0, believed: [] as string[], otherwise: [] as string[] }
  const first = lies.indexOf(lie) % realOnes.length
  const real = [...realOnes.slice(first), ...realOnes.slice(0, first)]
  let inReal = 0
  for (const name of [...syntheticOnes, ...real]) {
    if (inReal === mostReal) break
    const lying = lie.tell(honest.get(name) ?? [])
    if (lying === undefined) continue
    result.applies++
    if (real.includes(name)) inReal++
    const { verdict, by, summary } = refusals(lying)
    if (verdict === 'met') result.believed.push(name)
    else if (!by.some((refused) => lie.by.includes(refused))) result.otherwise.push(`${name}: ${summary}`)
  }
  return result
}

test.each([...honest.keys()])('%s is met as it is', (name) => {
  expect(judged(honest.get(name) ?? []).summary).toMatch(/^met/)
})

describe.each(['faults', 'heals', 'journal', 'primaries', 'arrivals', 'clocks', 'losses', 'reads'])(
  'lies about %s',
  (area) => {
    test.each(
      lies.filter((lie) => lie.area === area && !pending.includes(lie.name)).map((lie) => [lie.name, lie] as const),
    )('%s', (_, lie) => {
      const { applies, believed, otherwise } = told(lie)
      expect({ believed, otherwise }).toEqual({ believed: [], otherwise: [] })
      expect(applies, 'journals in which there is something to lie about').toBeGreaterThanOrEqual(lie.least)
    })
  },
)

test('what is pending is not refused yet, and no two lies have one name', () => {
  const notRefused = lies
    .filter(({ name }) => pending.includes(name))
    .filter((lie) => {
      const { believed, otherwise } = told(lie)
      return believed.length + otherwise.length > 0
    })
  expect(notRefused.map(({ name }) => name).toSorted()).toEqual(pending.toSorted())
  expect(new Set(lies.map(({ name }) => name)).size).toBe(lies.length)
})
