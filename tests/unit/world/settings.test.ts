// Goal: worlds that are brought up at the same moment get ports and networks of their own.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Engine } from '../../../chaos/engine/engine.ts'
import { chooseSettings, forgetSettings } from '../../../chaos/world/settings.ts'

// No network stands yet, so only what is kept can tell them apart.
const engine = { subnets: async () => [] } as unknown as Engine
const before = process.env['BLACKSTART_WORK_DIR']
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'blackstart-settings-'))
  process.env['BLACKSTART_WORK_DIR'] = folder
  // Where worlds leave word for those of other folders.
  vi.stubEnv('TMPDIR', folder)
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
  if (before === undefined) delete process.env['BLACKSTART_WORK_DIR']
  else process.env['BLACKSTART_WORK_DIR'] = before
})

test('two worlds at once, and one after the other, share no port and no network', async () => {
  const both = await Promise.all(['one', 'two', 'three'].map((name) => chooseSettings(name, engine, [])))
  const larger = await chooseSettings('four', engine, [], { bits: 22 })
  const all = [...both, larger]
  expect(new Set(all.map(({ ports }) => ports)).size).toBe(4)
  expect(new Set(both.map(({ net }) => net)).size).toBe(3)
  // 1,024 addresses, none of which the small ones have.
  const third = (net: string) => Number(net.split('.')[2])
  for (const { net } of both)
    expect(third(net) >= third(larger.net) && third(net) < third(larger.net) + 4, `${net} and ${larger.net}/22`).toBe(
      false,
    )
})

test('worlds in two folders share no port and no network', async () => {
  const { ports, net } = await chooseSettings('one', engine, [])
  process.env['BLACKSTART_WORK_DIR'] = mkdtempSync(join(folder, 'other-'))
  const other = await chooseSettings('one', engine, [])
  expect(other.ports).not.toBe(ports)
  expect(other.net).not.toBe(net)
})

test('what a world had is free again once it is forgotten', async () => {
  const { net } = await chooseSettings('one', engine, [])
  forgetSettings('one')
  expect((await chooseSettings('two', engine, [])).net).toBe(net)
})
