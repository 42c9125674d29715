// Goal: no journal is read for ever. What no trial can have written is refused by its line, at once; and what just fits
// is judged and drawn.
// Method: a sound journal, with too much of one thing in the middle. Sizes at which a quadratic reading would be
// unmistakable; nothing is timed.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isTooDeep, longestAuditLine, longestLine } from '../../../chaos/journal/limits.ts'
import { parseJournal, readJournal } from '../../../chaos/journal/read.ts'
import { judge } from '../../../chaos/judge/judge.ts'
import { renderReport } from '../../../chaos/report/html.ts'
import { met } from '../../journals/golden.ts'

const lines = met().text().trimEnd().split('\n')
/** The journal with these events after its first three lines. Numbers in `seq` are put right. */
function journalWith(more: readonly object[]): string {
  const [head, tail] = [lines.slice(0, 3), lines.slice(3)]
  const events = [...head.map((line) => JSON.parse(line)), ...more, ...tail.map((line) => JSON.parse(line))]
  return events.map((event, seq) => JSON.stringify({ ...event, seq })).join('\n')
}
const many = (count: number, event: (i: number) => object): object[] =>
  Array.from({ length: count }, (_, i) => ({ atMs: 5_000, ...event(i) }))

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'blackstart-limits-'))
})
afterAll(() => rmSync(folder, { recursive: true }))
const file = (text: string): string => {
  const path = join(folder, 'journal.ndjson')
  writeFileSync(path, text)
  return path
}

const role = (node: string) => ({ kind: 'database.role', node, role: 'standby', timeline: 1, uncertaintyMs: 1 })
const gap = (subject: string, i = 0) => ({
  kind: 'observer.gap',
  observer: 'database',
  subject,
  fromMs: 100 + i,
  toMs: 500 + i,
  reason: 'late',
})
const sent = (n: number, node: string) => ({
  kind: 'request',
  n,
  op: 'read',
  scheduledMs: 9,
  startedMs: 9,
  endedMs: 9,
  outcome: 'acked',
  status: 200,
  node,
})

describe('refused by its line', () => {
  test.each<[string, object[], RegExp]>([
    ['a moment in the next millennium', [{ atMs: 1e22, kind: 'note', text: 'far' }], /line 4: note: atMs: /],
    [
      'a request of then',
      [{ ...sent(9_999, 'a'), atMs: 5, scheduledMs: 1e22 }],
      /line 4: request: scheduledMs is no moment of a trial/,
    ],
    [
      'a length of a year',
      [{ atMs: 5, kind: 'heal.acted', faultId: 'f', tookMs: 3.2e10 }],
      /line 4: heal\.acted: tookMs/,
    ],
    [
      'a fault told by 70 lists',
      [{ atMs: 5, kind: 'note', text: 'x', more: JSON.parse(`${'['.repeat(70)}${']'.repeat(70)}`) }],
      /line 4: nested more than 64 deep/,
    ],
    ['a node too many', many(1_500, (i) => role(`pg-${i}`)), /line 9\d\d: more than 1000 different names/],
    ['subjects too many', many(1_500, (i) => gap(`s${i}`)), /line 9\d\d: more than 1000 different names/],
    [
      'nodes that answered, too many',
      many(1_500, (i) => sent(10_000 + i, `app-${i}`)),
      /line 100\d: more than 1000 different names of nodes and regions in requests/,
    ],
    [
      'faults too many',
      many(1_500, (i) => ({
        ...JSON.parse(lines.find((line) => line.includes('"fault.requested"')) ?? ''),
        faultId: `f${i}`,
      })),
      /line 1004: more than 1000 events "fault\.requested"/,
    ],
    ['a long note', [{ atMs: 5, kind: 'note', text: 'x'.repeat(longestLine) }], /line 4: longer than 1 MiB/],
  ])('%s', (_what, more, message) => {
    expect(() => parseJournal(journalWith(more))).toThrow(message)
  })

  test('a fault told by 200,000 lists, without following them', () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`
    expect(() => parseJournal(lines.with(3, `{"seq":3,"atMs":5,"kind":"note","text":"x","with":${deep}}`))).toThrow(
      /line 4: nested more than 64 deep/,
    )
  })

  test('a line without an end, as soon as it is too long, with the file', async () => {
    const path = file(`${lines.slice(0, 2).join('\n')}\n${'x'.repeat(longestAuditLine + 1_000_000)}`)
    await expect(readJournal(path)).rejects.toThrow(
      `cannot read the journal ${path}: journal line 3: longer than 32 MiB, which no event is`,
    )
  })
})

test('a day with a look at the clocks each second is a trial', () => {
  const clock = JSON.parse(lines.find((line) => line.includes('"kind":"load.clock"')) ?? '{}') as object
  expect(judge(parseJournal(journalWith(many(86_400, () => ({ ...clock, atMs: 10 }))).split('\n'))).verdict).toBe('met')
})

test('a long audit is read, and in one piece however many it came in', async () => {
  const audit = {
    atMs: 5_000,
    kind: 'audit.read',
    node: 'pg-east-a',
    rows: 0,
    writes: Array.from({ length: 400_000 }, (_, i) => 2 * i).join(),
    duplicated: [],
    unexpected: [],
    invariants: [],
  }
  const journal = await readJournal(file(journalWith([audit])))
  expect(journal.of('audit.read')[0]?.writes.length).toBe(audit.writes.length)
})

test('brackets in quotes are no depth, nor are those that were closed', () => {
  expect(
    [`{"a":"${'['.repeat(99)}\\"${'{'.repeat(99)}"}`, `[${'[],'.repeat(99)}[]]`, '['.repeat(64)].map(isTooDeep),
  ).toEqual([false, false, false])
  expect(isTooDeep('['.repeat(65))).toBe(true)
})

describe('what fits is judged, and its report is of a bearable size', () => {
  test.each<[string, object[]]>([
    [
      'many gaps of one observer',
      many(20_000, (i) => ({ ...gap('pg-east-a', i / 10), observer: i % 2 === 0 ? 'database' : 'harness' })),
    ],
    [
      'two databases that take turns',
      many(20_000, (i) => ({
        atMs: 5_000 + i / 5,
        kind: 'database.writable',
        node: i % 2 === 0 ? 'pg-east-a' : 'pg-west-a',
        accepting: i % 4 < 2,
        timeline: 1,
        commitMs: 5_000 + i / 5,
        uncertaintyMs: 1,
      })),
    ],
    [
      '900 databases that all accept writes',
      many(900, (i) => ({
        kind: 'database.writable',
        node: `pg-${i}`,
        accepting: true,
        timeline: 1,
        commitMs: 5_000,
        uncertaintyMs: 1,
      })),
    ],
    [
      '900 databases that change their minds',
      many(18_000, (i) => ({
        atMs: 5_000 + i,
        kind: 'database.writable',
        node: `pg-${i % 900}`,
        accepting: Math.floor(i / 900) % 2 === 0,
        timeline: 1,
        commitMs: 5_000 + i,
        uncertaintyMs: 1,
      })),
    ],
    [
      'long complaints',
      many(100, (i) => ({ kind: 'instrument.failed', instrument: `i${i}`, reason: 'x'.repeat(30_000) })),
    ],
  ])('%s', (_what, more) => {
    const journal = parseJournal(journalWith(more))
    expect(renderReport({ journal, verdict: judge(journal) }).length).toBeLessThan(2_000_000)
  })
})
