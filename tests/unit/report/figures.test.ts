import { expect, test } from 'vitest'
import { recordedJournal } from '../../../chaos/journal/recorded.ts'
import type { Verdict } from '../../../chaos/judge/verdict.ts'
import { faultName } from '../../../chaos/judge/words.ts'
import { closeUp, niceStep, shareOf, ticks } from '../../../chaos/report/axis.ts'
import { binRequests, nearestRank } from '../../../chaos/report/bins.ts'
import { duration, elapsed, offset, percentage, plain } from '../../../chaos/report/format.ts'
import { modelOf } from '../../../chaos/report/model.ts'
import { faultRows, faultWindows, placeLabel } from '../../../chaos/report/page/fault-windows.ts'
import { flagRows, overlays } from '../../../chaos/report/page/marks.ts'
import { hoverScript } from '../../../chaos/report/page/script.ts'
import { actualWords, limitWords } from '../../../chaos/report/wording.ts'
import { firstArrivalMs, journal, lastArrivalMs, t0Ms } from './fixture-journal.ts'
import { missedVerdict } from './fixture-verdict.ts'

const trial = recordedJournal(journal())
const axis = { fromMs: firstArrivalMs, toMs: lastArrivalMs, zeroMs: t0Ms }

test('every request is in exactly one bin, and none straddles the fault', () => {
  const bins = binRequests(trial.requests, axis)
  const total = [...bins.acked, ...bins.rejected, ...bins.unknown].reduce((all, value) => all + value, 0)
  expect(total).toBe(trial.requests.length)
  expect(bins.acked.length).toBeLessThanOrEqual(481)
  const edge = (t0Ms - bins.fromMs) / bins.widthMs
  expect(edge).toBeCloseTo(Math.round(edge), 9)
  const failedBefore = [...bins.rejected.slice(0, edge), ...bins.unknown.slice(0, edge)].reduce(
    (all, value) => all + value,
    0,
  )
  expect(failedBefore).toBe(0)
})

test('a bin is never so narrow that chance fills it', () => {
  const bins = binRequests(trial.requests, { fromMs: t0Ms, toMs: t0Ms + 2000, zeroMs: t0Ms })
  expect(bins.widthMs).toBe(100)
})

test('latency of a bin is that of its acked requests; without any it is null, not zero', () => {
  const events = journal().map((event) =>
    event.kind === 'request' && event.scheduledMs >= t0Ms + 5000 && event.scheduledMs < t0Ms + 6000
      ? { ...event, outcome: 'unknown' as const }
      : event,
  )
  const bins = binRequests(recordedJournal(events).requests, axis)
  const bin = Math.floor((t0Ms + 5500 - bins.fromMs) / bins.widthMs)
  expect(bins.p50Ms[bin]).toBeNull()
  expect(bins.p99Ms[bin]).toBeNull()
  expect(bins.p50Ms[0]).toBeGreaterThan(0)
})

test('nearest rank is one of the values', () => {
  expect(nearestRank([], 0.5)).toBeNull()
  expect(nearestRank([1, 2, 3, 4], 0.5)).toBe(2)
  expect(nearestRank([1, 2, 3, 4], 0.99)).toBe(4)
})

test('ticks are round, include the fault, and are negative before it', () => {
  expect(ticks(axis, 12).map((tick) => tick.label)).toEqual(['−10', '0', '+10', '+20', '+30', '+40', '+50', '+60'])
  expect(ticks({ fromMs: 900, toMs: 2000, zeroMs: 1000 }, 12).map((tick) => tick.label)).toContain('+0.1')
  expect(niceStep(70_000, 12)).toBe(10_000)
})

test('moments outside the axis stay at its ends', () => {
  expect(shareOf(axis, -1e9)).toBe(0)
  expect(shareOf(axis, 1e9)).toBe(1)
})

test('a close-up is made only where it shows more', () => {
  expect(closeUp(axis, t0Ms + 1200)).toMatchObject({ zeroMs: t0Ms, fromMs: t0Ms - 500 })
  expect(closeUp(axis, t0Ms + 22_000)).toBeNull()
  expect(closeUp(axis, null)).toBeNull()
})

test('flags of close moments stand one above the other, the earlier one higher', () => {
  const at = (ms: number): { code: string; meaning: string; ms: number } => ({ code: 'T', meaning: '', ms: t0Ms + ms })
  expect(flagRows([at(0), at(20), at(19_000), at(40_000)], axis, 'wide')).toEqual([1, 0, 0, 0])
  expect(flagRows([at(0), at(100), at(200)], axis, 'narrow')).toEqual([2, 1, 0])
})

test('lanes tell who was what, and when writes were accepted', () => {
  const model = modelOf(trial, missedVerdict())
  const lanes = model.groups.find((group) => group.title === 'Databases')?.lanes ?? []
  const west = lanes.find((lane) => lane.label === 'pg-west-a')?.tracks ?? []
  expect(west.find((track) => track.name === 'role')?.spells.map((spell) => spell.state)).toEqual([
    'standby',
    'primary',
  ])
  expect(west.find((track) => track.name === 'writes')?.spells).toMatchObject([
    { fromMs: t0Ms + 21_680, state: 'accepts writes' },
  ])
  const east = lanes.find((lane) => lane.label === 'pg-east-a')?.tracks ?? []
  // The last commit was answered before the fault; that the probe noticed later does not make the spell longer.
  expect(east.find((track) => track.name === 'writes')?.spells).toMatchObject([{ fromMs: 940, toMs: t0Ms - 45 }])
  expect(
    model.groups.find((group) => group.title === 'Leader key')?.lanes[0]?.tracks[0]?.spells.map((spell) => spell.state),
  ).toEqual(['pg-east-a', 'no leader', 'pg-west-a'])
})

test('only a gap that its subject does not explain is drawn', () => {
  const lanes = modelOf(trial, missedVerdict()).groups[0]?.lanes ?? []
  expect(lanes.filter((lane) => lane.gaps.length > 0).map((lane) => lane.label)).toEqual(['pg-west-b'])
})

test('two databases that accept writes at once get a lane of their own', () => {
  const verdict = missedVerdict({
    dualWritable: [{ nodes: ['pg-east-a', 'pg-west-a'], fromMs: t0Ms, toMs: t0Ms + 800 }],
  })
  const lanes = modelOf(trial, verdict).groups[0]?.lanes ?? []
  expect(lanes.find((lane) => lane.label === 'two at once')?.tracks[0]?.spells).toEqual([
    { fromMs: t0Ms, toMs: t0Ms + 800, state: 'pg-east-a and pg-west-a', tone: 'alarm' },
  ])
})

test('a router that falls silent is not drawn as if its servers were still known', () => {
  const silent = [
    [t0Ms + 30_000, false],
    [t0Ms + 31_000, true],
  ] as const
  const events = journal({
    extra: silent.map(([atMs, reachable]) => ({
      atMs,
      body: { kind: 'router.reachable', router: 'router-1', reachable, uncertaintyMs: 50 },
    })),
  })
  const groups = modelOf(recordedJournal(events), missedVerdict()).groups
  const servers = groups.find((group) => group.title.startsWith('router-1'))?.lanes ?? []
  expect(servers.find((lane) => lane.label === 'app-west-a')?.tracks[0]?.spells.at(-1)).toMatchObject({
    state: 'up',
    toMs: t0Ms + 30_000,
  })
  expect(
    groups.find((group) => group.title === 'Routers')?.lanes[0]?.tracks[0]?.spells.map((spell) => spell.state),
  ).toEqual(['unreachable', 'answers'])
})

test('numbers are written so that nothing rounds to none or all', () => {
  expect([0, 0.4, 412, 999.7, 1000, 22_412, 75_340, 720_000].map(duration)).toEqual([
    '0 ms',
    '0.4 ms',
    '412 ms',
    '1 s',
    '1 s',
    '22.412 s',
    '75.34 s',
    '720 s',
  ])
  expect([0, 22_412, -45].map(offset)).toEqual(['0.000 s', '+22.412 s', '−0.045 s'])
  expect([0, 0.0001, 0.5, 0.99999, 1].map(percentage)).toEqual(['0 %', '< 0.1 %', '50 %', '> 99.9 %', '100 %'])
  expect([0, 81_342, 720_000].map(elapsed)).toEqual(['0.0 s', '81.3 s', '12.0 min'])
  expect(plain('a\x1b[31mb\u202ec\nd')).toBe('a [31mbc d')
})

test('the page writes lengths under the pointer as everything else does', () => {
  const source = /const duration = (.*)\n/.exec(hoverScript)?.[1] ?? ''
  const inPage = new Function(`return ${source}`)() as typeof duration
  const lengths = [0, 0.4, 9.96, 10.4, 412.3, 999.4, 999.7, 1000, 1234.5, 22_412, 720_000]
  expect(lengths.map(inPage)).toEqual(lengths.map(duration))
})

const fault = (change: Partial<Verdict['faults'][number]>): Verdict['faults'][number] => ({
  faultId: 'f',
  kind: 'kill',
  target: 'region east',
  requestedMs: t0Ms,
  effectiveMs: t0Ms + 100,
  spreadMs: 4,
  healRequestedMs: null,
  healedMs: t0Ms + 20_000,
  doesNotModel: [],
  ...change,
})
const overlapping = [
  fault({}),
  fault({
    kind: 'slow',
    target: 'link west-witness',
    with: { latencyMs: 80 },
    requestedMs: t0Ms + 5000,
    healedMs: t0Ms + 25_000,
  }),
  fault({
    kind: 'switchover',
    target: 'node pg-west-a',
    with: { to: 'other' },
    requestedMs: t0Ms + 30_000,
    healedMs: t0Ms + 30_000,
  }),
]

test('faults that overlap have a row each, told by name, and one shade between them', () => {
  const windows = faultWindows(
    missedVerdict({ faults: [...overlapping, fault({ kind: 'none', target: 'nothing' })] }),
    axis,
  )
  expect(windows.map(({ label }) => label)).toEqual([
    'kill region east',
    'slow link west-witness (latencyMs 80)',
    'switchover node pg-west-a (to other)',
  ])
  const rows = faultRows(windows, axis).text
  for (const { label } of windows)
    expect(rows).toMatch(
      new RegExp(`<text class="label (on|beside)-fault only-wide"[^>]*>${label.replace(/[()]/g, '\\$&')}</text>`),
    )
  expect(rows.match(/<rect class="fault"/g)).toHaveLength(3)
  // The first two share one shade, so that no lane is darker where they meet; the third is a moment of its own.
  expect(overlays([], windows, axis).behind.text.match(/class="shade"/g)).toHaveLength(2)
})

test("a fault's name stands in its bar, beside it, or is cut where nothing else is left", () => {
  const text = 'slow link east-west (latencyMs 80)'
  expect(placeLabel({ fromShare: 0.1, toShare: 0.9, text, fit: 'wide' })).toEqual({ place: 'inside', share: 0.1, text })
  expect(placeLabel({ fromShare: 0.1, toShare: 0.2, text, fit: 'wide' })).toEqual({ place: 'right', share: 0.2, text })
  expect(placeLabel({ fromShare: 0.9, toShare: 1, text, fit: 'wide' })).toEqual({ place: 'left', share: 0.9, text })
  expect(placeLabel({ fromShare: 0.3, toShare: 0.4, text, fit: 'narrow' }).text).toMatch(/^slow link east-west.*…$/)
})

test('with several faults each line of the changes says which one it is about', () => {
  const second = { faultId: 'f2', atMs: t0Ms + 5000 }
  const events = journal({
    extra: [
      {
        atMs: second.atMs,
        body: {
          kind: 'fault.requested',
          faultId: 'f2',
          fault: 'pause',
          target: { scope: 'node', name: 'primary' },
          resolved: 'node pg-west-b',
          nodes: ['pg-west-b'],
          links: [],
          expectGone: { nodes: [], edges: [] },
          doesNotModel: [],
        },
      },
      { atMs: second.atMs + 50, body: { kind: 'fault.proved', faultId: 'f2', evidence: ['pg-west-b is mute'] } },
    ],
  })
  const texts = modelOf(recordedJournal(events), missedVerdict()).changes.map(({ text }) => text)
  expect(texts).toContain('fault requested: pause node pg-west-b')
  expect(texts).toContain('fault pause node pg-west-b proved: pg-west-b is mute')
  expect(texts).toContain('heal of kill region east requested')
  expect(modelOf(trial, missedVerdict()).changes.map(({ text }) => text)).toContain('heal requested')
})

test('words of faults: what they were told stands behind, and the control is called so', () => {
  expect(faultName({ kind: 'partial', target: 'site witness', with: { from: ['east', 'west'] } })).toBe(
    'partial site witness (from east and west)',
  )
  expect(faultName({ kind: 'flap', target: 'link east-west', with: { of: 'refuse', downMs: 1000, upMs: 500 } })).toBe(
    'flap link east-west (of refuse, downMs 1000, upMs 500)',
  )
  expect(faultName({ kind: 'none', target: 'nothing' })).toBe('none, the control')
  expect(faultName({ kind: 'drain', target: 'zone east/a', with: {} })).toBe('drain zone east/a')
})

test('the write objective reads as a length, and too many failures are not called unmeasured', () => {
  const objective = {
    name: 'write-p99',
    promise: 'p',
    limit: 800,
    actual: 905,
    verdict: 'missed',
    message: 'm',
  } as const
  expect([limitWords(objective), actualWords(objective, missedVerdict())]).toEqual(['800 ms', '905 ms'])
  expect(actualWords({ ...objective, actual: null }, missedVerdict())).toBe('more than 1 % failed')
  const afterHeal = { ...objective, name: 'recover-after-heal', actual: null } as const
  expect(actualWords({ ...afterHeal, verdict: 'met' }, { ...missedVerdict(), outcome: 'recovered' })).toBe('before it')
  expect(actualWords({ ...afterHeal, verdict: 'met' }, { ...missedVerdict(), outcome: 'uninterrupted' })).toBe(
    'uninterrupted',
  )
  expect(actualWords({ ...objective, actual: null, verdict: 'inconclusive' }, missedVerdict())).toBe('not measured')
})
