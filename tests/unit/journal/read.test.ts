// Goal: a journal is read whole or refused with a line and a reason; only the torn last line of a crash is forgiven.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseJournal, readJournal } from '../../../chaos/journal/read.ts'
import { schemaVersion } from '../../../chaos/journal/schema.ts'
import { met } from '../../journals/golden.ts'

const text = met().text()
const lines = text.split('\n')
const withLine = (at: number, line: string): string => lines.with(at - 1, line).join('\n')
let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'blackstart-read-'))
})
afterAll(() => rmSync(folder, { recursive: true }))
const write = (name: string, content: string | Buffer): string => {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}

describe('a whole journal', () => {
  const journal = parseJournal(text)

  test('gives its events back', () => {
    expect([...journal.milestones, ...journal.requests].sort((a, b) => a.seq - b.seq)).toEqual(met().events())
    expect(journal).toMatchObject({ complete: true, sequenceBreak: null, lastAtMs: 21_100 })
    expect(journal.of('audit.read').map((event) => event.node)).toEqual([
      'pg-east-a',
      'pg-east-b',
      'pg-west-a',
      'pg-west-b',
    ])
    expect(journal.of('note')).toEqual([])
  })

  test('is the same from a file, from lines and from text', async () => {
    const fromFile = await readJournal(write('whole.ndjson', text))
    expect(fromFile.milestones).toEqual(journal.milestones)
    expect([...fromFile.requests]).toEqual([...journal.requests])
    expect([...parseJournal(lines).requests]).toEqual([...journal.requests])
  })

  test('may lack its very last line end', () => {
    expect(parseJournal(text.trimEnd()).complete).toBe(true)
  })

  test('a table of requests knows its length and refuses what is beyond it', async () => {
    const fromFile = await readJournal(write('table.ndjson', text))
    for (const { requests } of [journal, fromFile]) {
      expect(requests.length).toBe(720)
      expect(requests.at(719).n).toBe(719)
      expect(requests.endedMs(719)).toBeGreaterThan(0)
      for (const i of [720, 2000, -1]) {
        expect(() => requests.at(i)).toThrow(RangeError)
        expect(() => requests.endedMs(i)).toThrow(RangeError)
        expect(() => requests.region(i)).toThrow(RangeError)
      }
    }
  })

  test('a journal without requests has none, and takes one', () => {
    const { requests } = parseJournal(lines[0] ?? '')
    expect([...requests]).toEqual([])
    requests.push(journal.requests.at(0))
    expect([...requests]).toEqual([journal.requests.at(0)])
  })
})

describe('a torn journal', () => {
  test('is read up to the torn line, wherever the tear is', async () => {
    const start = text.length - (lines.at(-2)?.length ?? 0) - 1
    for (let cut = start + 1; cut < text.length - 1; cut += 7) {
      const torn = parseJournal(text.slice(0, cut))
      expect(torn.complete).toBe(false)
      expect(torn.of('trial.closed')).toEqual([])
    }
    expect((await readJournal(write('torn.ndjson', text.slice(0, -9)))).complete).toBe(false)
  })

  test('may be torn inside a letter', async () => {
    const letter = Buffer.from('{"seq":1,"atMs":1,"kind":"note","text":"é')
    const torn = await readJournal(
      write('letter.ndjson', Buffer.concat([Buffer.from(`${lines[0]}\n`), letter.subarray(0, -1)])),
    )
    expect(torn).toMatchObject({ complete: false, milestones: [{ kind: 'trial.opened' }] })
  })

  test('is refused when the tear is not at the end', () => {
    expect(() => parseJournal(withLine(5, '{"seq":4,"at'))).toThrow('journal line 5: not JSON, and not the last line')
  })
})

describe('what is refused', () => {
  test.each([
    ['an unknown kind', withLine(7, '{"seq":6,"atMs":1,"kind":"wish"}'), /^journal line 7: wish: kind: Invalid/],
    [
      'a missing field',
      withLine(7, '{"seq":6,"atMs":1,"kind":"note"}'),
      /^journal line 7: note: text: Invalid input: expected string/,
    ],
    [
      'a request that is none',
      withLine(60, '{"seq":59,"atMs":1,"kind":"request","n":-1}'),
      /^journal line 60: request: n is not a whole number$/,
    ],
    ['something else', withLine(7, '[]'), /^journal line 7: no kind: event: Invalid input: expected object/],
    ['a number', withLine(7, '7'), /^journal line 7: not an object/],
    ['an empty line', withLine(7, ''), /^journal line 7: not JSON/],
    ['another first event', withLine(1, lines[1] ?? ''), /^journal line 1: a journal starts with trial.opened$/],
    ['nothing', '', /^journal line 1: the journal ends before its first whole event$/],
    ['half an event', text.slice(0, 100), /^journal line 1: the journal ends before its first whole event$/],
  ])('%s', (_, content, message) => {
    expect(() => parseJournal(content)).toThrow(message)
  })

  test.each([0, schemaVersion + 1])('another schema version (%i), saying which is read and by whom', (version) => {
    const other = withLine(
      1,
      JSON.stringify({ ...JSON.parse(lines[0] ?? ''), schemaVersion: version, scenario: 'as it was then' }),
    )
    expect(() => parseJournal(other)).toThrow(
      `journal line 1: written in journal schema version ${version}; this Blackstart reads versions 1 to ${schemaVersion}: use the Blackstart that wrote it`,
    )
  })

  test('a fault kind that was added later, saying who can read it', () => {
    const scenario = (lines[0] ?? '').replace('"kind":"kill"', '"kind":"quake"')
    const remedy = /this Blackstart does not know that fault kind: use the Blackstart that wrote the journal$/
    expect(scenario).toContain('quake')
    expect(() => parseJournal(withLine(1, scenario))).toThrow(remedy)
    const at = lines.findIndex((line) => line.includes('"fault.requested"'))
    const asked = (lines[at] ?? '').replace('"fault":"kill"', '"fault":"quake"')
    expect(asked).toContain('quake')
    expect(() => parseJournal(withLine(at + 1, asked))).toThrow(
      /^journal line \d+: fault\.requested: fault: .*this Blackstart does not know that fault kind/,
    )
  })

  test('names the file', async () => {
    await expect(readJournal(write('bad.ndjson', 'x\ny\n'))).rejects.toThrow(
      `cannot read the journal ${join(folder, 'bad.ndjson')}: journal line 1: not JSON, and not the last line`,
    )
    await expect(readJournal(join(folder, 'none.ndjson'))).rejects.toThrow(
      /cannot read the journal .*none\.ndjson: ENOENT/,
    )
  })
})

test('events that are missing in the middle are noticed', () => {
  expect(parseJournal(lines.toSpliced(40, 1).join('\n')).sequenceBreak).toEqual({ line: 41, expected: 40, found: 41 })
})
