// Goal: a world's lock is held until it is given back, whatever becomes of the world's own files meanwhile.
// Method: in one process, where the kernel would let the same one in twice; several processes are in
// tests/contract/lock.test.ts.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { lockOwner, lockWorld } from '../../../chaos/world/lock.ts'
import { forgetSettings } from '../../../chaos/world/settings.ts'
import { worldFolder } from '../../../chaos/world/state.ts'

const world = 'blackstart-test-unit-lock'
afterEach(() => vi.unstubAllEnvs())

test('a world that is taken down and built anew stays with whoever has it', () => {
  using _lock = lockWorld(world)
  worldFolder(world)
  forgetSettings(world)
  expect(() => lockWorld(world)).toThrow(`the world ${world} is used by "blackstart`)
  expect(lockOwner(world)?.pid).toBe(process.pid)
})

test('what was given back can be taken again, and giving it back twice takes it from nobody', () => {
  const first = lockWorld(world)
  first[Symbol.dispose]()
  expect(lockOwner(world)).toBeUndefined()
  using _second = lockWorld(world)
  first[Symbol.dispose]()
  expect(lockOwner(world)?.pid).toBe(process.pid)
  expect(() => lockWorld(world)).toThrow('is used by')
  forgetSettings(world)
})

test('who only asks makes nothing, and is not refused where nothing can be made', () => {
  const folder = mkdtempSync(join(tmpdir(), 'blackstart-lock-'))
  vi.stubEnv('BLACKSTART_WORK_DIR', folder)
  try {
    expect(lockOwner(world)).toBeUndefined()
    expect(readdirSync(folder)).toEqual([])
    writeFileSync(join(folder, '.blackstart'), 'in the way')
    expect(lockOwner(world)).toBeUndefined()
  } finally {
    rmSync(folder, { recursive: true })
  }
})
