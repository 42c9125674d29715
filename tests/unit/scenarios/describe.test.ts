// Goal: `show` says what a trial would do, completely and in words, before anything is broken.
import { describe, expect, test } from 'vitest'
import { describeScenario, optionsInWords } from '../../../chaos/cli/describe.ts'
import { catalogue } from '../../../chaos/faults/catalogue.ts'
import { wrapped } from '../../../chaos/report/text.ts'
import {
  all,
  fault,
  link,
  node,
  nothing,
  region,
  scenario,
  site,
  standbys,
  surge,
  zone,
} from '../../../chaos/scenarios/define.ts'
import { examplesOf } from '../../../chaos/scenarios/examples.ts'
import { scenarios } from '../../../chaos/scenarios/library/index.ts'
import { type FaultSpec, faultKinds, type Scenario } from '../../../chaos/scenarios/schema.ts'

const examples = faultKinds.map((kind) => [kind, examplesOf(kind, { forMs: 5_000 })[0]])
const one: Record<FaultSpec['kind'], FaultSpec> = {
  ...(Object.fromEntries(examples) as Record<FaultSpec['kind'], FaultSpec>),
  none: fault('none', nothing, { lasting: 5 }),
  kill: fault('kill', region('primary'), { lasting: 5 }),
  pause: fault('pause', node('primary'), { lasting: 5 }),
  blackhole: fault('blackhole', link('east', 'west'), { lasting: 5 }),
  'one-way': fault('one-way', link('east', 'west'), { lasting: 5, direction: 'out' }),
  hang: fault('hang', site('witness'), { lasting: 5 }),
  refuse: fault('refuse', site('edge'), { lasting: 5 }),
  slow: fault('slow', link('east', 'west'), { lasting: 5, latencyMs: 80 }),
  jitter: fault('jitter', link('east', 'west'), { lasting: 5, jitterMs: 1_500 }),
  bandwidth: fault('bandwidth', link('east', 'west'), { lasting: 5, kilobytesPerSecond: 64 }),
  reset: fault('reset', link('east', 'west'), { lasting: 5 }),
  flap: fault('flap', link('east', 'west'), { lasting: 30, of: 'refuse', downMs: 2_000, upMs: 500 }),
  partial: fault('partial', region('primary'), { lasting: 5, from: ['other', 'witness'] }),
  drain: fault('drain', node('app-east-a'), { lasting: 5 }),
  switchover: fault('switchover', node('primary'), { lasting: 5, to: 'other' }),
  'disk-full': fault('disk-full', node('primary'), { lasting: 5 }),
  'crash-loop': fault('crash-loop', node('app-east-a'), { lasting: 30, upMs: 1_000, downMs: 4_000 }),
  'cpu-starve': fault('cpu-starve', standbys, { lasting: 5, cores: 0.1 }),
}
const of = (faults: FaultSpec[], more: Partial<Parameters<typeof scenario>[0]> = {}): Scenario =>
  scenario({ name: 'a', title: 'b', faults, observe: 60, objectives: {}, ...more })
const flat = (text: string): string => text.replace(/\s+/g, ' ')

describe.each(faultKinds)('%s', (kind) => {
  const text = flat(describeScenario(of([one[kind]])))
  test('is named, explained and healed', () => {
    expect(text).toContain(`+0.0 s ${kind} `)
    expect(text).toContain(catalogue[kind].models)
    expect(text).toContain(`heal, after ${one[kind].forMs / 1000} s`)
  })

  test('and everything that it is told is there', () => {
    expect(optionsInWords(one[kind]) === '').toBe(one[kind].with === undefined)
    expect(text).toContain(optionsInWords(one[kind]))
  })
})

test.each<[FaultSpec['kind'], string]>([
  ['one-way', 'what it sends is lost'],
  ['slow', '80 ms more in each direction'],
  ['jitter', '0 to 1.5 s more in each direction'],
  ['bandwidth', '64 kB/s a connection'],
  ['flap', 'refuse for 2 s, up for 500 ms, over and over'],
  ['partial', 'cut off from the other region and witness'],
  ['switchover', 'to a database in the other region'],
  ['crash-loop', 'up for 1 s, dead for 4 s'],
  ['cpu-starve', '0.1 of one core'],
])('the options of %s in words', (kind, words) => {
  expect(optionsInWords(one[kind])).toContain(words)
})

test('a time line of two faults that overlap', () => {
  const text = describeScenario(
    of(
      [
        fault('hang', link('east', 'west'), { lasting: 45 }),
        fault('kill', region('primary'), { at: 3, lasting: 42, resolve: 'due' }),
      ],
      {
        name: 'double',
        title: 'The link is cut, then the region dies',
        tags: ['core'],
        objectives: { recoverWithinMs: 35_000, lostWrites: 0, onePrimary: true },
      },
    ),
  )
  expect(text).toBe(`double: The link is cut, then the region dies
tags: core

    -5.0 s  load starts: 40 requests/s on a fixed schedule, 50 % of them writes;
            clients give up after 5 s
    +0.0 s  fault 1: hang on the link east-west
            ${wrapped(catalogue.hang.models, 68).join(`\n${' '.repeat(12)}`)}
    +3.0 s  fault 2: kill on the primary's region
            ${wrapped(catalogue.kill.models, 68).join(`\n${' '.repeat(12)}`)}
            roles are looked up when the fault is due
   +45.0 s  heal fault 1, after 45 s: hang on the link east-west
   +45.0 s  heal fault 2, after 42 s: kill on the primary's region
   +60.0 s  load ends; every database is read in full

at the same time
  faults 1 and 2 from +3.0 s to +45.0 s

objectives
  clients are served again within 35 s: from then on 99.9 % of the requests in
  any 5 s succeed, 99 % of them within 2 s
  no acknowledged write is lost
  never two databases accept writes at once`)
})

test('faults that only touch do not overlap, and those that do are all told', () => {
  const kill = (at: number, lasting: number, app: 'app-east-a' | 'app-east-b' | 'app-west-a' = 'app-east-a') =>
    fault('kill', node(app), { at, lasting })
  expect(describeScenario(of([kill(0, 10), kill(10, 10, 'app-east-b')]))).not.toContain('at the same time')
  expect(describeScenario(of([kill(0, 30), kill(10, 10, 'app-east-b'), kill(15, 20, 'app-west-a')]))).toMatch(
    /faults 1 and 2 from \+10\.0 s to \+20\.0 s\n {2}faults 1 and 3 from \+15\.0 s to \+30\.0 s\n {2}faults 2 and 3 from \+15\.0 s to \+20\.0 s/,
  )
})

test('roles are only spoken of where there are some', () => {
  expect(describeScenario(of([one.drain]))).not.toContain('roles')
  for (const target of [all('app'), all('app', 'east'), zone('east/a')])
    expect(describeScenario(of([fault('kill', target, { lasting: 9 })]))).not.toContain('roles')
  for (const target of [all('app', 'primary'), zone('neighbour'), zone('other')])
    expect(describeScenario(of([fault('kill', target, { lasting: 9 })]))).toContain('roles are looked up')
  for (const kind of ['kill', 'partial', 'switchover', 'cpu-starve'] as const)
    expect(describeScenario(of([one[kind]]))).toContain("roles are looked up at the trial's start")
})

test('every objective is told', () => {
  const text = describeScenario(
    of([one.none], {
      objectives: {
        failedRequests: 3,
        lostWrites: 2,
        slowestRequestMs: 800,
        writeP99Ms: 1_250,
        writeGapMs: 1_900,
        readGapMs: 250,
        stalledMs: 3_000,
        samePrimary: true,
      },
    }),
  )
  expect(text.split('objectives\n')[1]).toBe(`  at most 2 acknowledged writes are lost
  no other database takes over
  at most 3 requests fail
  every request that succeeds takes at most 800 ms
  99 of 100 writes succeed within 1.25 s
  writes never go unacknowledged for longer than 1.9 s
  reads never go unanswered for longer than 250 ms
  clients wait for longer than 1 s during 3 s at most`)
  expect(describeScenario(of([one.none]))).toContain('none: the verdict will be inconclusive')
  expect(describeScenario(of([one.none], { objectives: { onePrimary: false } }))).toContain(
    'none: the verdict will be inconclusive',
  )
})

test('a heal that comes after the load is pointed at', () => {
  expect(describeScenario(of([one.kill], { observe: 3 }))).toContain('still to be healed when the load ends')
  expect(describeScenario(of([one.kill]))).not.toContain('note')
})

test.each(scenarios)('$name fits into 80 columns, and into 40', (each) => {
  for (const width of [80, 40])
    expect(
      Math.max(
        ...describeScenario(each, { width })
          .split('\n')
          .map((line) => line.length),
      ),
    ).toBeLessThanOrEqual(width)
})

test('a surge stands in the time line', () => {
  const text = describeScenario(of([one.kill], { load: { surges: [surge({ at: 2, lasting: 4, times: 2.5 })] } }))
  expect(text).toContain('\n    +2.0 s  load rises to 100 requests/s, for 4 s\n')
  expect(text).toContain('\n    +6.0 s  load is back at 40 requests/s\n')
  const long = describeScenario(of([one.kill], { load: { surges: [surge({ at: 50, lasting: 40, times: 2 })] } }))
  expect(long).toContain('\n   +50.0 s  load rises to 80 requests/s, until it ends\n')
  expect(long).not.toContain('is back at')
})
