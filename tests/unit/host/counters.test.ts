// Goal: the kernel's counters are read as the kernel means them: ticks, names with spaces, threads, children that ended,
// and control groups of either version.
// Method: texts as kernels write them; and this very process, which knows its own time from elsewhere.
import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import {
  parseContainer,
  parseGroup,
  parseMachine,
  parseProcess,
  parseSwitches,
  readCounters,
} from '../../../chaos/host/counters.ts'

const id = 'ab'.repeat(32)

test('the machine: hundredths of a second become milliseconds; waiting for a disk is idle', () => {
  const text =
    'cpu  4056766 2978507 1921655 4899132 136538 5 285845 130048 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\nctxt 987654\nbtime 1\n'
  expect(parseMachine(text)).toEqual({
    user: 40_567_660,
    nice: 29_785_070,
    system: 19_216_550,
    idle: 48_991_320 + 1_365_380,
    irq: 50,
    softirq: 2_858_450,
    steal: 1_300_480,
    switches: 987_654,
  })
})

test.each([
  ['a usual name', 'dockerd', 4_194_560, false],
  ['a name with spaces and parentheses', 'my (odd) name', 4_194_560, false],
  ['a thread of the kernel', 'kworker/0:1', 69_238_880, true],
])('a process: %s', (_, name, flags, kernel) => {
  const text = `12 (${name}) S 3 12 12 0 -1 ${flags} 100 200 0 0 11 22 33 44 20 0 7 0 5678 1000 200 184 0\n`
  expect(parseProcess(text)).toEqual({ pid: 12, name, parent: 3, kernel, ownMs: 330, reapedMs: 770, started: '5678' })
})

test('a process that is gone is none', () => {
  expect(parseProcess('')).toBeUndefined()
})

test('switches of a thread: both kinds', () => {
  expect(parseSwitches('Name:\tnode\nvoluntary_ctxt_switches:\t120\nnonvoluntary_ctxt_switches:\t7\n')).toBe(127)
  expect(parseSwitches('')).toBe(0)
})

test.each([
  ['version 2', `0::/system.slice/docker-${id}.scope\n`, `/sys/fs/cgroup/system.slice/docker-${id}.scope/cpu.stat`],
  ['version 1', `3:cpu,cpuacct:/docker/${id}\n`, `/sys/fs/cgroup/cpu,cpuacct/docker/${id}/cpuacct.usage`],
  ['both', `0::/docker/${id}\n2:cpuacct:/a.slice/${id}\n`, `/sys/fs/cgroup/cpuacct/a.slice/${id}/cpuacct.usage`],
  ['a group inside', `2:cpuacct:/docker/${id}/init\n`, `/sys/fs/cgroup/cpuacct/docker/${id}/cpuacct.usage`],
])('the container of a process, control groups of %s', (_, text, file) => {
  expect(parseContainer(text)).toEqual({ id, file })
})

test.each([['0::/\n'], ['2:cpuacct:/user.slice\n'], ['']])('outside containers: %j', (text) => {
  expect(parseContainer(text)).toBeUndefined()
})

test('the time of a group, of either version; no number where there is none', () => {
  expect(parseGroup('3756811890465\n')).toBeCloseTo(3_756_811.89)
  expect(parseGroup('usage_usec 1234567\nuser_usec 1000000\nsystem_usec 234567\n')).toBeCloseTo(1_234.567)
  expect(parseGroup('')).toBeUndefined()
})

test.runIf(process.platform === 'linux')('this process, with a child that ended', () => {
  spawnSync(process.execPath, ['-e', 'const end = Date.now() + 200; while (Date.now() < end);'])
  const { machine, processes } = readCounters()
  const own = [...processes.values()].find(({ pid }) => pid === process.pid)
  const usage = process.cpuUsage()
  expect(own?.ownMs).toBeGreaterThan(0)
  // It counts in hundredths of a second, user and system apart.
  expect(Math.abs((usage.user + usage.system) / 1_000 - (own?.ownMs ?? 0))).toBeLessThan(200)
  // On a busy machine the child had less than it asked for; but some.
  expect(own?.reapedMs).toBeGreaterThan(0)
  expect(own?.switches.get(process.pid)).toBeGreaterThan(0)
  expect(machine.switches).toBeGreaterThan(0)
  expect(machine.idle + machine.user + machine.nice).toBeGreaterThan(0)
})
