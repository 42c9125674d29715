// Goal: the ledger of cost gives each millisecond to one component, once, and says where it cannot explain the whole.
// Method: two readings of made-up counters, ten seconds apart, whose sums are known.
import { describe, expect, test } from 'vitest'
import { type Cell, explainedShare, measure } from '../../../bench/cost/cell.ts'
import { lineThrough } from '../../../bench/cost/line.ts'
import { doubtsAbout, renderCost } from '../../../bench/cost/table.ts'
import type { Counters, ProcessCounters } from '../../../chaos/host/counters.ts'

const idle = { user: 0, nice: 0, system: 0, idle: 0, irq: 0, softirq: 0, steal: 0, switches: 0 }

function process(pid: number, what: Partial<ProcessCounters>): ProcessCounters {
  return {
    pid,
    parent: 1,
    name: 'node',
    kernel: false,
    ownMs: 0,
    reapedMs: 0,
    container: undefined,
    switches: new Map(),
    ...what,
  }
}

function reading(atMs: number, { machine = {}, processes = [], containers = {} }: Partial<Reading> = {}): Counters {
  return {
    atMs,
    machine: { ...idle, ...machine },
    processes: new Map(processes.map((one) => [`${one.pid} 0`, one])),
    containers: new Map(Object.entries(containers)),
  }
}
interface Reading {
  machine: Partial<Counters['machine']>
  processes: ProcessCounters[]
  containers: Record<string, number>
}

const nobody = { roles: new Map<string, string>(), harness: undefined }

describe('who used it', () => {
  test('a container by its role, with all that ran and ended in it; one of another world is another program', () => {
    const { components } = measure(
      reading(0, { containers: { db: 1_000, stranger: 0 } }),
      reading(10_000, { containers: { db: 3_000, stranger: 500, k6: 1_000 } }),
      {
        roles: new Map([
          ['db', 'database'],
          ['k6', 'load'],
        ]),
        harness: undefined,
      },
    )
    expect(components['PostgreSQL and Patroni'].cores).toBeCloseTo(0.2)
    expect(components.k6.cores).toBeCloseTo(0.1)
    expect(components['other programs on this machine'].cores).toBeCloseTo(0.05)
  })

  test('a process in a container counts once, with its container; its switches are its component’s', () => {
    const inside = (ownMs: number, switches: number) =>
      process(7, { container: 'db', ownMs, switches: new Map([[7, switches]]) })
    const { components } = measure(
      reading(0, { containers: { db: 0 }, processes: [inside(0, 100)] }),
      reading(10_000, { containers: { db: 1_000 }, processes: [inside(1_000, 1_100)] }),
      { roles: new Map([['db', 'database']]), harness: undefined },
    )
    expect(components['PostgreSQL and Patroni']).toEqual({ cores: 0.1, wakeups: 100 })
    expect(components['other programs on this machine'].cores).toBe(0)
  })

  test('the harness with its descendants; the engine by name; threads of the kernel', () => {
    const processes = [
      process(10, { ownMs: 1_000 }),
      process(11, { parent: 10, name: 'sh' }),
      process(12, { parent: 11, name: 'sh', ownMs: 500 }),
      process(20, { name: 'dockerd', ownMs: 300 }),
      process(21, { parent: 20, name: 'docker-proxy', ownMs: 200 }),
      process(22, { name: 'containerd-shim', ownMs: 100 }),
      process(30, { parent: 2, name: 'ksoftirqd/0', kernel: true, ownMs: 50 }),
      process(40, { name: 'vim', ownMs: 20 }),
    ]
    const { components } = measure(reading(0), reading(10_000, { processes }), { roles: new Map(), harness: 10 })
    expect(components.harness.cores).toBeCloseTo(0.15)
    expect(components['engine (dockerd, containerd, shims, docker-proxy)'].cores).toBeCloseTo(0.06)
    expect(components['threads of the kernel'].cores).toBeCloseTo(0.005)
    expect(components['other programs on this machine'].cores).toBeCloseTo(0.002)
  })

  test('children that ended: what they used before the cell is not of the cell', () => {
    const child = process(21, { parent: 20, name: 'docker-proxy', ownMs: 700 })
    const { components } = measure(
      reading(0, { processes: [process(20, { name: 'dockerd', reapedMs: 50 }), child] }),
      // The child ended with 1,000 ms; another one, never seen, with 200.
      reading(10_000, { processes: [process(20, { name: 'dockerd', reapedMs: 1_250 })] }),
      nobody,
    )
    expect(components['engine (dockerd, containerd, shims, docker-proxy)'].cores).toBeCloseTo(0.05)
  })

  test('so it is with children of children, of which the one between ended, too', () => {
    const { components } = measure(
      reading(0, {
        processes: [
          process(20, { name: 'dockerd' }),
          process(21, { parent: 20, name: 'sh', ownMs: 100, reapedMs: 200 }),
          process(22, { parent: 21, name: 'iptables', ownMs: 400 }),
        ],
      }),
      // 100 + 200 + 400 were used before, 300 within.
      reading(10_000, { processes: [process(20, { name: 'dockerd', reapedMs: 1_000 })] }),
      nobody,
    )
    expect(components['engine (dockerd, containerd, shims, docker-proxy)'].cores).toBeCloseTo(0.03)
  })

  test('a shim collects its container’s first process, which is counted with its container', () => {
    const { components } = measure(
      reading(0, { processes: [process(22, { name: 'containerd-shim' })] }),
      reading(10_000, { processes: [process(22, { name: 'containerd-shim', ownMs: 100, reapedMs: 9_000 })] }),
      nobody,
    )
    expect(components['engine (dockerd, containerd, shims, docker-proxy)'].cores).toBeCloseTo(0.01)
  })

  test('two readings at the same moment are no cell', () => {
    expect(() => measure(reading(5), reading(5), nobody)).toThrow('needs time between its two readings')
  })
})

test('the machine: busy is what programs and the kernel had; what was stolen is neither busy nor idle', () => {
  const machine = { user: 4_000, nice: 1_000, system: 2_500, irq: 0, softirq: 2_500, idle: 10_000, steal: 2_000 }
  expect(measure(reading(0), reading(10_000, { machine: { ...machine, switches: 50_000 } }), nobody).machine).toEqual({
    busy: 1,
    kernel: 0.5,
    softirq: 0.25,
    stolen: 0.2,
    idle: 1,
    switches: 5_000,
  })
})

test('the line with the least squares; none through one place', () => {
  const exact = lineThrough([40, 100, 200].map((x) => ({ x, y: 0.95 + 0.0057 * x })))
  expect(exact?.fixed).toBeCloseTo(0.95)
  expect(exact?.each).toBeCloseTo(0.0057)
  // By hand: means 2 and 3; spread 2; sum of products 2.
  expect(
    lineThrough([
      { x: 1, y: 1.5 },
      { x: 2, y: 4 },
      { x: 3, y: 3.5 },
    ]),
  ).toEqual({ fixed: 1, each: 1 })
  expect(lineThrough([{ x: 40, y: 1 }])).toBeUndefined()
  expect(lineThrough([])).toBeUndefined()
})

describe('the tables', () => {
  const cell = (rate: number, { busy = 0.5, links = 0.48, requests = rate === 0 ? null : rate } = {}): Cell => ({
    ...measure(reading(0), reading(10_000, { containers: { link: links * 10_000 } }), {
      roles: new Map([['link', 'link']]),
      harness: undefined,
    }),
    rate,
    requests,
    failed: requests === null ? null : 0,
    slowestMs: requests === null ? null : 200,
    verdict: requests === null ? null : 'met',
    workMs: 0.8,
    machine: { busy, kernel: 0.2, softirq: 0.01, stolen: 0, idle: 1.5, switches: 9_000 },
  })

  test('shares, the fixed part and that of a request, from the cells with load alone', () => {
    const text = renderCost([cell(0), cell(40, { links: 0.6 }), cell(100, { links: 0.9 })])
    expect(text).toContain('| links | 48 | 60 | 90 | 40 | 5.00 ms |')
    expect(text).not.toContain('| etcd')
  })

  test('several rounds: median, least and most', () => {
    expect(renderCost([0.2, 0.3, 0.5].map((links) => cell(0, { links })))).toContain('| links | 30 (20 to 50) |')
  })

  test('rounds of one rate show no slope', () => {
    const cells = [cell(0), cell(40, { links: 0.6 }), cell(40, { links: 0.9, requests: 40.02 })]
    expect(renderCost(cells)).toContain('| links | 48 | 75 (60 to 90) |  |  |')
  })

  test('what is not explained is said, and so is a rate that was not reached', () => {
    expect(explainedShare(cell(40, { links: 0.4 }))).toBeCloseTo(0.8)
    expect(doubtsAbout([cell(40)])).toEqual([])
    expect(doubtsAbout([cell(40, { links: 0.4, requests: 30 })])).toEqual([
      '40/s: the components explain 80 % of the busy time, less than 90 %: do not trust this cell.',
      '40/s: only 30.0 requests/s began.',
    ])
    expect(explainedShare(cell(0, { busy: 0 }))).toBeNull()
  })

  test('so is a machine that is busy with something else', () => {
    const busy = cell(0)
    busy.machine = { ...busy.machine, busy: 1.7, idle: 0.3 }
    busy.components['other programs on this machine'].cores = 1.2
    expect(doubtsAbout([busy])).toEqual([
      'idle, nobody looks: the machine was idle for 15 % of the time, less than 25 %: on a free one each part costs less. Other programs had 120 % of a core.',
    ])
  })
})
