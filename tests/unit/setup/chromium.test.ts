// Goal: the tests of the page find a browser, or set-up installs one, or says what to do.
// Method: machines made of answers.
import { expect, test } from 'vitest'
import { chromiumOf } from '../../../setup/chromium.mjs'
import { chromiumStep } from '../../../setup/steps/chromium.mjs'
import { debian12, fakeHost, fedora, recordingShow } from './fake-host.ts'

test.each([
  ['chromium', '/usr/bin/chromium'],
  ['google-chrome', '/usr/bin/google-chrome'],
])('%s is found, and nothing is missing then', async (command, path) => {
  const { host } = fakeHost({ commands: { [command]: {} } })
  expect(chromiumOf(host)).toBe(path)
  expect(await chromiumStep(host).check()).toBeUndefined()
})

test('the one that the user names comes first', () => {
  const { host } = fakeHost({ env: { BLACKSTART_CHROMIUM: 'mine' }, commands: { mine: {}, chromium: {} } })
  expect(chromiumOf(host)).toBe('/usr/bin/mine')
})

test('on Debian it is installed', async () => {
  const { host, ran } = fakeHost({ files: debian12, commands: { 'apt-get': {} } })
  const missing = await chromiumStep(host).check()
  await missing!.fix!.run(recordingShow().begin('', ''))
  expect(ran.some((line) => /^apt-get install .*\bchromium$/.test(line))).toBe(true)
})

test('elsewhere, or where changes are forbidden, the message says what to do', async () => {
  for (const machine of [{ files: fedora }, { files: debian12, env: { BLACKSTART_INSTALL: 'never' } }]) {
    const missing = await chromiumStep(fakeHost({ ...machine, commands: { 'apt-get': {} } }).host).check()
    expect(missing).toMatchObject({ remedy: expect.stringContaining('BLACKSTART_CHROMIUM') })
    expect(missing).not.toHaveProperty('fix')
  }
})
