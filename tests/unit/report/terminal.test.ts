import { expect, test } from 'vitest'
import { palette, wantsColour } from '../../../chaos/live/colours.ts'
import { phaseBar, renderVerdict } from '../../../chaos/report/terminal.ts'
import { textWidth, wrapped } from '../../../chaos/report/text.ts'
import { emptyVerdict, missedVerdict } from './fixture-verdict.ts'

const longName = 'a'.repeat(120)
const verdicts = {
  missed: missedVerdict(),
  empty: emptyVerdict(),
  wordy: missedVerdict({
    title: longName,
    summary: longName,
    objectives: missedVerdict().objectives.map((objective) => ({
      ...objective,
      promise: longName,
      message: `${longName} b`,
    })),
  }),
  flagged: missedVerdict({
    phases: missedVerdict().phases.map((phase) => ({
      ...phase,
      flag: `overlap: seen 190 ms after clients had recovered ${longName}`,
    })),
  }),
}

for (const width of [80, 60]) {
  for (const [name, verdict] of Object.entries(verdicts)) {
    test(`${name}: no line is wider than ${width} columns`, () => {
      const lines = renderVerdict(verdict, {
        colours: palette(true),
        width,
        reportPath: 'runs/last/report.html',
      }).split('\n')
      expect(lines.filter((line) => textWidth(line) > width)).toEqual([])
    })
  }
}

test('without colour there is no escape sequence, with colour there is', () => {
  expect(renderVerdict(missedVerdict(), { colours: palette(false), width: 80 })).not.toContain('\x1b')
  expect(renderVerdict(missedVerdict(), { colours: palette(true), width: 80 })).toContain('\x1b[31m')
})

test('it tells the verdict, the numbers, the phases, the objectives and where the report is', () => {
  const text = renderVerdict(missedVerdict(), {
    colours: palette(false),
    width: 80,
    reportPath: 'runs/last/report.html',
  })
  expect(text).toMatch(/^✕ Missed {2}region-kill\n/)
  expect(text).toMatch(/recovered in +22\.412 s +± 5 ms/)
  expect(text).toMatch(/detect +█+ +19\.65 s ± 20 ms +19 s to 20 s/)
  expect(text).toMatch(/✕ missed +no request fails +1698 \(limit 0\)/)
  expect(text).toMatch(/✓ met +no acknowledged write is lost +0 \(limit 0\)/)
  expect(text).toContain('report  runs/last/report.html')
})

test('what is not sound about the trial is told once, and each objective only names it', () => {
  const detail = 'the host was idle for only 10 % of its time before anything was broken'
  const verdict = missedVerdict({ verdict: 'inconclusive' })
  const text = renderVerdict(
    {
      ...verdict,
      validity: verdict.validity.map((check) =>
        check.name === 'host-had-room' ? { ...check, holds: false, detail } : check,
      ),
      objectives: verdict.objectives.map((objective) => ({
        ...objective,
        verdict: 'inconclusive',
        message: `inconclusive "${objective.promise}": host-had-room: ${detail}; measured all the same: 3 of 9`,
      })),
    },
    { colours: palette(false), width: 200 },
  )
  expect(text.split(detail)).toHaveLength(2)
  expect(text.match(/ host-had-room; measured all the same: 3 of 9$/gm)).toHaveLength(verdict.objectives.length)
})

test('a validity problem comes before any number; what was not measured says so', () => {
  const text = renderVerdict(emptyVerdict(), { colours: palette(false), width: 80 })
  expect(text.indexOf('fault-proved: edge east')).toBeGreaterThan(0)
  expect(text.indexOf('fault-proved: edge east')).toBeLessThan(text.indexOf('recovered in'))
  expect(text).toMatch(/recovered in +not measured/)
  expect(text).toMatch(/lost writes +not measured/)
})

test('a name from the journal cannot drive the terminal', () => {
  const evil = missedVerdict({ title: '\x1b]0;owned\x07\x1b[2J', summary: 'a\rb', scenario: '\x9b31m' })
  expect(renderVerdict(evil, { colours: palette(false), width: 80 })).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/)
})

test('phase bars are to scale, at their place, and never nothing', () => {
  expect(phaseBar({ fromShare: 0, toShare: 0.5, cells: 10 })).toBe('█████     ')
  expect(phaseBar({ fromShare: 0.5, toShare: 1, cells: 10 })).toBe('     █████')
  expect(phaseBar({ fromShare: 0.99, toShare: 0.99, cells: 10 })).toMatch(/[█▏]/)
  expect(phaseBar({ fromShare: 1, toShare: 1, cells: 10 })).toHaveLength(10)
})

test('colour needs a terminal and no objection', () => {
  expect(wantsColour({ isTTY: true }, {})).toBe(true)
  expect(wantsColour({ isTTY: true }, { NO_COLOR: '1' })).toBe(false)
  expect(wantsColour({ isTTY: true }, { NO_COLOR: '' })).toBe(true)
  expect(wantsColour({}, {})).toBe(false)
  expect(wantsColour({ isTTY: true }, { TERM: 'dumb' })).toBe(false)
})

test('wrapping loses nothing', () => {
  expect(wrapped('one two three', 7)).toEqual(['one two', 'three'])
  expect(wrapped('abcdefghij', 4)).toEqual(['abcd', 'efgh', 'ij'])
  expect(wrapped('ab c', 0)).toEqual(['a', 'b', 'c'])
})
