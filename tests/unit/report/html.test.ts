import { createHash } from 'node:crypto'
import { expect, test, vi } from 'vitest'
import { recordedJournal } from '../../../chaos/journal/recorded.ts'
import type { EventBody } from '../../../chaos/journal/schema.ts'
import { judge } from '../../../chaos/judge/judge.ts'
import type { Verdict } from '../../../chaos/judge/verdict.ts'
import { renderReport } from '../../../chaos/report/html.ts'
import { journal, t0Ms } from './fixture-journal.ts'
import { emptyVerdict, missedVerdict } from './fixture-verdict.ts'

// Reports of a minute of load are some work; on a busy machine the usual limit is too short for it.
vi.setConfig({ testTimeout: 60_000 })

const trial = recordedJournal(journal())
const page = (verdict: Verdict): string => renderReport({ journal: trial, verdict, runFolder: 'runs/x' })
/** The page as a reader sees it: no tags, no style, no script. */
const textOf = (html: string): string =>
  html
    .replace(/<(style|script)[^>]*>.*?<\/\1>/gs, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')

test('the verdict, its reason and the story come first, in words', () => {
  const text = textOf(page(missedVerdict()))
  const places = [
    'Missed',
    'Clients were served again 22.412 s after the fault',
    'Region east, with the primary database',
    'recovered in',
    'Where the time went',
    'Timeline',
    'Objectives',
    'Can this trial be trusted?',
    'Writes and losses',
    'Faults',
    'Observers',
    'Environment',
  ].map((words) => text.indexOf(words))
  expect(places).not.toContain(-1)
  expect(places).toEqual(places.toSorted((a, b) => a - b))
})

test('the key numbers carry their uncertainty and their base', () => {
  const text = textOf(page(missedVerdict()))
  expect(text).toContain('recovered in 22.412 s ± 5 ms')
  expect(text).toContain('1698 of 12000 (14.1 %)')
  expect(text).toContain('lost writes 0 of 3902 acked')
  expect(text).toContain('two primaries never')
})

test('what was not measured says so, and never reads as zero', () => {
  const html = renderReport({ journal: recordedJournal(journal().slice(0, 1)), verdict: emptyVerdict() })
  const numbers = textOf(html.slice(html.indexOf('<dl class="numbers">'), html.indexOf('</dl>')))
  expect(numbers.match(/not measured/g)).toHaveLength(8)
  expect(numbers).not.toMatch(/\d/)
  expect(textOf(html)).toContain('Neither requests nor observations were recorded')
  for (const verdict of [emptyVerdict(), missedVerdict()])
    expect(textOf(page(verdict))).not.toMatch(/NaN|undefined|Infinity|\bnull\b/)
  expect(page(emptyVerdict()).replace(/<script>.*<\/script>/s, '')).not.toMatch(/NaN|undefined|Infinity/)
})

test('no interruption and no recovery are results of their own, not numbers', () => {
  const uninterrupted = textOf(
    page(missedVerdict({ outcome: 'uninterrupted', recoveredInMs: null, failedRequests: 0 })),
  )
  expect(uninterrupted).toContain(
    'recovered in uninterrupted no request failed, and no window was bad write gap 22.39 s',
  )
  const someFailed = missedVerdict({ outcome: 'some-failed', recoveredInMs: null, failedRequests: 3, writeGapMs: 1800 })
  expect(textOf(page(someFailed))).toContain(
    'recovered in some failed clients were not interrupted, but 3 requests failed write gap 1.8 s',
  )
  const censored = textOf(page(missedVerdict({ outcome: 'censored', recoveredInMs: null, censoredAtMs: 60_000 })))
  expect(censored).toContain('recovered in not recovered within 60 s')
})

test('the write gap stands beside the time of recovery, with where it was and that of each region', () => {
  const text = textOf(page(missedVerdict()))
  expect(text).toContain('± 5 ms write gap 22.39 s no write acknowledged; reads: 310 ms stalled for 21.8 s')
  expect(text).toContain('any region 22.39 s from +0.012 s on 310 ms from +0.040 s on east 41.2 s 40.9 s west 22.39 s')
  expect(textOf(page(missedVerdict({ writeGapOpen: true })))).toContain('write gap at least 22.39 s')
  expect(textOf(page(emptyVerdict()))).not.toContain('How long clients waited')
})

test('a broken validity check stands above all numbers', () => {
  const text = textOf(page(emptyVerdict()))
  expect(text.indexOf('edge east → west still answers')).toBeGreaterThan(-1)
  expect(text.indexOf('edge east → west still answers')).toBeLessThan(text.indexOf('recovered in'))
})

test('each phase shows what was predicted beside what was measured, and which setting binds it', () => {
  const text = textOf(page(missedVerdict()))
  expect(text).toMatch(/detect.*19\.65 s ± 20 ms 19 s to 20 s dcs watch at etcd-witness bound by patroni\.ttl/)
  const [detect, ...rest] = missedVerdict().phases
  if (detect === undefined) throw new Error('the fixture has no phases')
  const slow = { ...detect, predicted: { lowMs: 100, highMs: 500, dominatedBy: 'arbiter' } }
  expect(textOf(page(missedVerdict({ phases: [slow, ...rest] })))).toContain('longer than predicted')
})

test('a phase that nobody saw end says so, one that did not have to happen says that', () => {
  const phases = missedVerdict().phases.map((phase) => ({
    ...phase,
    lengthMs: null,
    fromMs: null,
    toMs: null,
    flag: phase.name === 'elect' ? 'not needed: the primary did not change' : 'unobserved: nobody looked',
  }))
  const text = textOf(page(missedVerdict({ phases })))
  expect(text).toContain('not needed: the primary did not change')
  expect(text).toContain('unobserved: nobody looked')
})

const attack = `"><img src=x onerror=alert(1)></title></svg><script>alert('x')</script>`

test('nothing in a journal or a verdict becomes markup', () => {
  const at = (atMs: number, body: EventBody): { atMs: number; body: EventBody } => ({ atMs, body })
  const hostile = journal({
    title: attack,
    extra: [
      at(900, { kind: 'database.role', node: attack, role: 'primary', timeline: 1, uncertaintyMs: 1, reason: attack }),
      at(901, { kind: 'dcs.leader', member: attack, leader: attack, revision: 99, uncertaintyMs: 1 }),
      at(902, {
        kind: 'router.server',
        router: attack,
        backend: attack,
        server: attack,
        writes: true,
        state: 'up',
        uncertaintyMs: 1,
      }),
      at(903, {
        kind: 'beacon.edge',
        from: attack,
        to: attack,
        connection: 'fresh',
        up: true,
        lastAnswerMs: null,
        rttMs: null,
        uncertaintyMs: 1,
      }),
      at(904, { kind: 'note', text: attack }),
      at(905, { kind: 'instrument.failed', instrument: attack, reason: attack }),
      at(t0Ms, {
        kind: 'observer.gap',
        observer: 'database',
        subject: attack,
        fromMs: t0Ms - 900,
        toMs: t0Ms,
        reason: attack,
      }),
    ],
  })
  const base = missedVerdict()
  const verdict = missedVerdict({
    title: attack,
    summary: attack,
    scenario: attack,
    startedAt: attack,
    trialId: attack,
    objectives: base.objectives.map((objective) => ({ ...objective, promise: attack, message: attack })),
    validity: base.validity.map((check) => ({ ...check, holds: false, detail: attack })),
    phases: base.phases.map((phase) => ({
      ...phase,
      observer: attack,
      flag: attack,
      predicted: { lowMs: 0, highMs: 1, dominatedBy: attack },
    })),
    faults: base.faults.map((fault) => ({ ...fault, target: attack, doesNotModel: [attack] })),
    observers: base.observers.map((observer) => ({ ...observer, subject: attack })),
    blastRadius: { [attack]: { requests: 1, failed: 1 } },
    lostWriteSamples: [{ n: 1, key: attack, ackedAtMs: 1, absentFrom: [attack] }],
    dualWritable: [{ nodes: [attack, attack], fromMs: t0Ms, toMs: t0Ms + 9 }],
  })
  const html = renderReport({ journal: recordedJournal(hostile), verdict, runFolder: attack })
  expect(html).toContain('&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;')
  expect(html).not.toContain('<img')
  expect(html.match(/<script/g)).toHaveLength(1)
  // An attribute that an attack opened would carry a bare handler outside of any quotes.
  expect(html.replace(/"[^"]*"/g, '""').match(/<[^>]*onerror/g)).toBeNull()
  expect(unbalanced(html)).toEqual([])
})

test('tags are balanced, so that no browser has to guess', () => {
  expect(unbalanced(page(missedVerdict()))).toEqual([])
  expect(unbalanced('<p><b>x</p></b>')).not.toEqual([])
})

test('60,000 requests and a link that flaps all the time fit in 2 MB', () => {
  const flaps = Array.from({ length: 20_000 }, (_, index) => ({
    atMs: t0Ms + index * 2,
    body: {
      kind: 'beacon.edge',
      from: 'east',
      to: 'west',
      connection: 'fresh',
      up: index % 2 === 0,
      lastAnswerMs: null,
      rttMs: null,
      uncertaintyMs: 1,
    } as const,
  }))
  const events = journal({ ratePerSecond: 860, extra: flaps })
  expect(events.filter((event) => event.kind === 'request').length).toBeGreaterThan(60_000)
  const html = renderReport({ journal: recordedJournal(events), verdict: missedVerdict() })
  expect(Buffer.byteLength(html)).toBeLessThan(2_000_000)
  // Far less in fact: what falls onto one pixel is drawn once.
  expect(Buffer.byteLength(html)).toBeLessThan(300_000)
})

test('the page asks nothing of the network, and only its own script may run', () => {
  const html = page(missedVerdict())
  expect(html).not.toMatch(/https?:|\/\/[a-z]|\bsrc=|\bhref=|url\(|@import/i)
  const script = /<script>(.*?)<\/script>/s.exec(html)?.[1] ?? ''
  expect(html).toContain(`script-src &#39;sha256-${createHash('sha256').update(script).digest('base64')}&#39;`)
})

test('figures have a name and a description, tables have scopes', () => {
  const html = page(missedVerdict())
  const figures = html.match(/<svg[^>]*role="img".*?<\/svg>/gs) ?? []
  expect(figures.length).toBeGreaterThan(20)
  expect(figures.filter((figure) => !figure.includes('<title>'))).toEqual([])
  expect(html.match(/<th(?![a-z])(?![^>]*scope=)/g)).toBeNull()
  expect(html).toContain('pg-east-a</title><desc>role: primary from')
})

test('a short outage in a long trial gets a closer look', () => {
  const short = missedVerdict({
    recoveredInMs: 1200,
    moments: {
      ...missedVerdict().moments,
      detectedMs: t0Ms + 400,
      electedMs: t0Ms + 500,
      promotedMs: t0Ms + 900,
      routedMs: t0Ms + 1000,
      recoveredMs: t0Ms + 1200,
    },
  })
  expect(page(short)).toContain('Around the outage')
  expect(page(missedVerdict())).not.toContain('Around the outage')
})

test('it renders what the judge says', () => {
  expect(textOf(renderReport({ journal: trial, verdict: judge(trial) }))).toContain('recovered in 21.96 s')
})

/**
 * Tags that close what was not open, or stay open. A tag that ends in `/>` or that HTML knows as void opens nothing.
 */
function unbalanced(html: string): string[] {
  const open: string[] = []
  const wrong: string[] = []
  for (const [, close, name, rest] of html
    .replace(/<(style|script)>.*?<\/\1>/gs, '')
    .matchAll(/<(\/?)([a-zA-Z][a-zA-Z0-9]*)((?:"[^"]*"|[^">])*)>/g)) {
    if (name === undefined || rest?.endsWith('/') === true || (close === '' && name === 'meta')) continue
    if (close === '') open.push(name)
    else if (open.pop() !== name) wrong.push(name)
  }
  return [...wrong, ...open]
}
