// Goal: processes are found where the kernel lists them, on either version of control groups, and the dead are told from
// the living.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { groupFileOf, processesIn, runs, startOf } from '../../../chaos/host/processes.ts'

test.each([
  ['version 2', '0::/system.slice/docker-1.scope\n', '/sys/fs/cgroup/system.slice/docker-1.scope/cgroup.procs'],
  ['version 1', '12:pids:/docker/1\n3:cpu,cpuacct:/docker/1\n', '/sys/fs/cgroup/pids/docker/1/cgroup.procs'],
  ['both', '0::/elsewhere\n7:pids:/docker/1\n', '/sys/fs/cgroup/pids/docker/1/cgroup.procs'],
])('the list of a control group, %s', (_, cgroup, file) => {
  expect(groupFileOf(cgroup)).toBe(file)
})

test('the processes in a list; none where there is no list', () => {
  const place = mkdtempSync(join(tmpdir(), 'blackstart-processes-'))
  try {
    writeFileSync(join(place, 'procs'), '12\n345\n')
    expect(processesIn(join(place, 'procs'))).toEqual([12, 345])
    expect(processesIn(join(place, 'nothing'))).toEqual([])
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
})

test.runIf(process.platform === 'linux')('one that runs has a start and runs; one that ended has neither', async () => {
  const child = spawn('sleep', ['60'])
  await once(child, 'spawn')
  const pid = child.pid ?? 0
  expect(await runs(pid)).toBe(true)
  expect(Number(startOf(pid))).toBeGreaterThan(0)
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(await runs(pid)).toBe(false)
  expect(startOf(pid)).toBe('')
})
