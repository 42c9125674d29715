// Goal: a command whose process the engine does not know yet is not taken for one that has ended.
// Method: an engine that says "running, process 0" first, as Docker does for a moment of a command's start (1 of 144 on
// a busy machine).
import type Docker from 'dockerode'
import { expect, test } from 'vitest'
import { pidOf } from '../../../chaos/engine/docker/exec-end.ts'

const saying = (...answers: [Running: boolean, Pid: number][]) => {
  const left = [...answers]
  return {
    inspect: async () => {
      const [Running, Pid] = left.shift() ?? [false, 0]
      return { Running, Pid } as Docker.ExecInspectInfo
    },
  }
}

test.each([
  ['its id is waited for', saying([true, 0], [true, 0], [true, 42]), 42],
  ['it ended before its id was known', saying([true, 0], [false, 0]), undefined],
  ['it has ended', saying([false, 42]), undefined],
])('%s', async (_, exec, pid) => {
  expect(await pidOf(exec)).toBe(pid)
})
