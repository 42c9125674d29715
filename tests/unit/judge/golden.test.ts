// Goal: the same journal gives the same verdict, today and after every change to the judge.
// Method: thirteen trials are kept as files with the verdict beside them. UPDATE=1 rewrites both; read the diff before
// you commit.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { readJournal } from '../../../chaos/journal/read.ts'
import { judge } from '../../../chaos/judge/judge.ts'
import { type Verdict, verdictSchema } from '../../../chaos/judge/verdict.ts'
import { golden } from '../../journals/golden.ts'

const update = process.env['UPDATE'] === '1'
const fileOf = (name: string): string => fileURLToPath(new URL(`../../journals/${name}`, import.meta.url))

// A busy machine may take its time over the files.
describe.each(Object.entries(golden))('golden journal %s', { timeout: 30_000 }, (name, text) => {
  test('is what its story says', () => {
    if (update) writeFileSync(fileOf(`${name}.ndjson`), text())
    expect(
      readFileSync(fileOf(`${name}.ndjson`), 'utf8') === text(),
      `tests/journals/${name}.ndjson is out of date: run with UPDATE=1`,
    ).toBe(true)
  })

  test('gives the verdict beside it', async () => {
    const verdict = judge(await readJournal(fileOf(`${name}.ndjson`)))
    if (update) writeFileSync(fileOf(`${name}.verdict.json`), `${JSON.stringify(verdict, null, 2)}\n`)
    expect(verdict).toEqual(verdictSchema.parse(JSON.parse(readFileSync(fileOf(`${name}.verdict.json`), 'utf8'))))
  })
})

test('a verdict from before the newer measurements is still read: they are not measured', () => {
  const { writes, failedWrites, writeP99Ms, primaryKept, takeOvers, ...older } = JSON.parse(
    readFileSync(fileOf('met.verdict.json'), 'utf8'),
  )
  expect({ writes, failedWrites, writeP99Ms, primaryKept, takeOvers: takeOvers.length }).toEqual({
    writes: 280,
    failedWrites: 72,
    writeP99Ms: null,
    primaryKept: false,
    takeOvers: 2,
  })
  expect(verdictSchema.parse(older)).toMatchObject({
    writes: null,
    failedWrites: null,
    writeP99Ms: null,
    primaryKept: null,
    takeOvers: [],
  })
})

describe('the verdicts say what they should', () => {
  const expected: Record<string, { verdict: Verdict['verdict']; outcome: Verdict['outcome']; summary: RegExp }> = {
    met: {
      verdict: 'met',
      outcome: 'recovered',
      summary:
        /^met: recovered in 3\.6 s; for up to 3\.\d+ s no write was acknowledged; all \d+ acknowledged writes are on every database/,
    },
    'met.version-2': { verdict: 'met', outcome: 'recovered', summary: /^met: recovered in 3\.6 s/ },
    'missed-recovery-time': {
      verdict: 'missed',
      outcome: 'recovered',
      summary:
        /^missed "clients are served again within 5 s": recovered in 6\.1 s; for up to 6\.\d+ s no write was acknowledged$/,
    },
    censored: {
      verdict: 'missed',
      outcome: 'censored',
      summary: /not recovered in the 14 s that were observed after the fault$/,
    },
    uninterrupted: { verdict: 'met', outcome: 'uninterrupted', summary: /^met: clients were not interrupted/ },
    'lost-writes': {
      verdict: 'missed',
      outcome: 'recovered',
      summary:
        /^missed "no acknowledged write is lost": 3 writes acked by east before the fault are absent from pg-east-a, pg-east-b, pg-west-a, pg-west-b \(n 148, 152, 156; acked at \+4\.711 s\)$/,
    },
    'split-brain': {
      verdict: 'missed',
      outcome: 'recovered',
      summary:
        /^missed "never two databases accept writes at once": pg-east-a and pg-west-a both committed writes from \+8\.400 s to \+9\.600 s; 1\.2 s of split brain in all$/,
    },
    'blind-load': {
      verdict: 'inconclusive',
      outcome: null,
      summary: /^inconclusive, no-dropped-arrivals: the load generator dropped 40 arrivals/,
    },
    'fault-unproved': {
      verdict: 'inconclusive',
      outcome: 'recovered',
      summary: /^inconclusive, fault-proved: kill region east was not proved: pg-east-b still answers/,
    },
    torn: {
      verdict: 'inconclusive',
      outcome: 'recovered',
      summary: /^inconclusive, journal-complete: the journal ends in the middle of an event$/,
    },
    'missing-audit': {
      verdict: 'inconclusive',
      outcome: 'recovered',
      summary: /^inconclusive, every-database-read: the audit of pg-west-b failed: no answer within 30 s$/,
    },
    'primary-changed': {
      verdict: 'missed',
      outcome: 'recovered',
      summary:
        /^missed "no other database takes over": pg-east-a was primary when the fault was requested; pg-west-a took the leader key at \+8\.200 s \(dcs watch at etcd-witness\), pg-west-a committed writes at \+8\.400 s \(database probe of pg-west-a\)$/,
    },
    'slow-writes': {
      verdict: 'missed',
      outcome: 'uninterrupted',
      summary:
        /^missed "99 of 100 writes succeed within 800 ms": 3 of 280 writes from the fault on did not; 99 of 100 succeeded within 900 ms of their scheduled time$/,
    },
    relapse: {
      verdict: 'missed',
      outcome: 'recovered',
      summary: /recovered in 7 s; for up to 3\.\d+ s no write was acknowledged$/,
    },
  }
  test.each(Object.keys(golden))('%s', async (name) => {
    const verdict = judge(await readJournal(fileOf(`${name}.ndjson`)))
    expect({ verdict: verdict.verdict, outcome: verdict.outcome, summary: verdict.summary }).toEqual({
      ...expected[name],
      summary: expect.stringMatching(expected[name]?.summary ?? /$^/),
    })
  })
})
