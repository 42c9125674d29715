import { expect, test } from 'vitest'
import { renderJunit } from '../../../chaos/report/junit.ts'
import { renderSummary } from '../../../chaos/report/markdown.ts'
import { emptyVerdict, missedVerdict } from './fixture-verdict.ts'

const attack = `<b>&"'|\`x\`\n# no [link](https://evil.example) \x00\x1b[31m`

test('junit: an objective is a test case; missed fails, inconclusive is an error with the broken check', () => {
  const xml = renderJunit([missedVerdict(), emptyVerdict()])
  expect(xml).toContain('<testsuites name="blackstart" tests="10" failures="2" errors="5">')
  expect(xml).toContain(
    '<testsuite name="region-kill" timestamp="2026-11-03T10:02:00.000Z" tests="5" failures="2" errors="0">',
  )
  expect(xml).toContain('<property name="recoveredInMs" value="22412"/><property name="writeGapMs" value="22390"/>')
  expect(xml).toContain('<property name="recoveredInMs" value="null"/><property name="writeGapMs" value="null"/>')
  expect(xml).toMatch(/name="no request fails"><failure message="1698 of 12000/)
  expect(xml).toMatch(/name="no acknowledged write is lost"\/>/)
  expect(xml).toContain('<error message="fault-proved: edge east → west still answers after 5 s">')
})

test('junit: an inconclusive trial never passes, even without objectives', () => {
  expect(renderJunit([emptyVerdict({ objectives: [] })])).toContain('tests="1" failures="0" errors="1"')
  const allMet = missedVerdict().objectives.map((objective) => ({ ...objective, verdict: 'met' as const }))
  expect(renderJunit([emptyVerdict({ objectives: allMet })])).toContain('tests="6" failures="0" errors="1"')
  expect(renderJunit([missedVerdict({ verdict: 'met', objectives: allMet })])).toContain(
    'tests="5" failures="0" errors="0"',
  )
})

test('junit: it is well-formed whatever the texts hold', () => {
  const verdict = emptyVerdict({
    scenario: attack,
    title: attack,
    summary: attack,
    trialId: attack,
    objectives: missedVerdict().objectives.map((objective) => ({ ...objective, promise: attack, message: attack })),
  })
  for (const xml of [renderJunit([verdict]), renderJunit([]), renderJunit([missedVerdict()])]) {
    expect(malformed(xml)).toEqual([])
    expect(xml).not.toMatch(/[\x00-\x09\x0b-\x1f]/)
  }
  expect(malformed('<a b="1"><c></a></c>')).not.toEqual([])
  expect(malformed('<a>&nbsp;<b x="<"/></a>')).not.toEqual([])
})

test('the summary holds the verdict, the numbers, the objectives and what the faults leave out', () => {
  const text = renderSummary(missedVerdict())
  expect(text).toMatch(/^# ✕ Missed: region-kill\n/)
  expect(text).toContain('| recovered in | 22.412 s | ± 5 ms |')
  expect(text).toContain('| ✕ missed | no request fails | 0 | 1698 |')
  expect(text).toContain('| detect | 19.65 s ± 20 ms | 19 s to 20 s |')
  expect(text).toContain('- kill region east: the loss of disks')
  const [kill] = missedVerdict().faults
  if (kill === undefined) throw new Error('the fixture has no fault')
  const slow = {
    ...kill,
    kind: 'slow' as const,
    target: 'link east-west',
    with: { latencyMs: 80 },
    doesNotModel: ['loss'],
  }
  expect(renderSummary(missedVerdict({ faults: [slow] }))).toContain('- slow link east-west (latencyMs 80): loss')
  expect(renderSummary(emptyVerdict())).toContain('- **fault-proved**: edge east → west still answers after 5 s')
  expect(renderSummary(emptyVerdict())).toContain('| lost writes | not measured |')
})

test('the summary: every row of a table has its columns, and no text becomes markup', () => {
  const verdict = missedVerdict({
    title: attack,
    summary: attack,
    objectives: missedVerdict().objectives.map((objective) => ({ ...objective, promise: attack, message: attack })),
  })
  const text = renderSummary(verdict)
  const columns = (line: string): number => line.replace(/\\\|/g, '').split('|').length
  const rows = text.split('\n').filter((line) => line.startsWith('| ✕') || line.startsWith('| ✓'))
  expect(rows).toHaveLength(5)
  expect(rows.map(columns)).toEqual([7, 7, 7, 7, 7])
  expect(text).not.toContain('<b>')
  expect(text).not.toContain('[link](')
  expect(text).not.toContain('https://')
  expect(text).not.toContain('\x1b')
})

/** What an XML parser would refuse: tags that do not pair up, bare ampersands, a `<` in an attribute. */
function malformed(xml: string): string[] {
  const wrong: string[] = xml.match(/&(?!(?:amp|lt|gt|quot|#\d+);)/g) ?? []
  const open: string[] = []
  const rest = xml
    .replace(/^<\?xml[^?]*\?>/, '')
    .replace(
      /<(\/?)([a-z]+)((?:\s+[a-zA-Z]+="[^"<]*")*)\s*(\/?)>/g,
      (_tag, close: string, name: string, _attributes: string, empty: string) => {
        if (close === '/') {
          if (open.pop() !== name) wrong.push(name)
        } else if (empty === '') open.push(name)
        return ''
      },
    )
  if (/[<>]/.test(rest)) wrong.push(rest)
  return [...wrong, ...open]
}
