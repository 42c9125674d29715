// Goal: after a clone under `umask 077` the nodes can read what is theirs, and nothing else of the checkout is opened.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readableStep } from '../../../setup/steps/readable.mjs'
import { fakeHost } from './fake-host.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'readable-'))
  mkdirSync(join(root, 'regions/config'), { recursive: true, mode: 0o700 })
  for (const [path, mode] of [
    ['regions/config/router.sh', 0o700],
    ['regions/east.yml', 0o600],
    ['package.json', 0o644],
    ['.env', 0o600],
  ] as const) {
    writeFileSync(join(root, path), '')
    chmodSync(join(root, path), mode)
  }
  chmodSync(join(root, 'regions'), 0o755)
  symlinkSync('/root', join(root, 'regions/elsewhere'))
})
afterEach(() => rmSync(root, { recursive: true }))

const modeOf = (path: string) => (statSync(join(root, path)).mode & 0o777).toString(8)

test('what is closed is told, and opened for reading, or for running where the owner may', async () => {
  const step = readableStep(fakeHost({ root }).host)
  const missing = await step.check()
  expect(missing?.found).toBe('the nodes, which run as users of their own, cannot read regions/config and 2 more')
  expect(missing?.remedy).toContain('chmod -R go+rX')
  await missing?.fix?.run({ logFile: '', line() {}, log() {}, done() {}, failed() {}, stopped() {} })
  expect(await step.check()).toBeUndefined()
  expect(
    ['regions/config', 'regions/config/router.sh', 'regions/east.yml', 'package.json', '.env', '.'].map(modeOf),
  ).toEqual(['755', '755', '644', '644', '600', '700'])
})
