// Goal: what nobody looked for stands beside the objectives, with the reason, in every form of the report.
import { expect, test } from 'vitest'
import { recordedJournal } from '../../../chaos/journal/recorded.ts'
import { judge } from '../../../chaos/judge/judge.ts'
import { palette } from '../../../chaos/live/colours.ts'
import { renderReport } from '../../../chaos/report/html.ts'
import { renderSummary } from '../../../chaos/report/markdown.ts'
import { renderVerdict } from '../../../chaos/report/terminal.ts'
import { strangers } from '../../journals/honest.ts'

const why = 'this world has no database that Blackstart knows'
const journal = recordedJournal(strangers.get('no-databases') ?? [])
const verdict = judge(journal)

test.each([
  [
    'the terminal',
    renderVerdict(verdict, { colours: palette(false), width: 120 }),
    /– not asked +two primaries\n +this world/,
  ],
  ['Markdown', renderSummary(verdict), /– not looked for \| two primaries/],
  ['HTML', renderReport({ journal, verdict, runFolder: 'a-run' }), /Not looked for: two primaries, because this world/],
])('in %s', (_, text, words) => {
  expect(text).toMatch(words)
  expect(text).toContain(why)
})
