// Goal: the world's passwords are made once, are the owner's alone, and are read as Compose reads them.
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { thisMachine } from '../../../setup/host/host.mjs'
import { PASSWORDS } from '../../../setup/password-names.mjs'
import { passwordsStep } from '../../../setup/steps/passwords.mjs'

let root = ''
let file = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'passwords-'))
  file = join(root, '.env')
})
afterEach(() => rmSync(root, { recursive: true }))

function stepWith(env: Record<string, string> = {}) {
  return passwordsStep({ ...thisMachine(root, new AbortController().signal), env })
}
const all = (value: string) => PASSWORDS.map((name) => `${name}=${value}\n`).join('')

test('those that nobody has set are made, once', async () => {
  writeFileSync(file, "BLACKSTART_LATENCY_MS=5\nexport BLACKSTART_PASSWORD_STORE='mine'")
  const step = stepWith({ BLACKSTART_PASSWORD_SUPERUSER: 'from the environment' })
  await (await step.check())?.fix?.run({} as never)
  const made = readFileSync(file, 'utf8')
  expect(made).toMatch(/^BLACKSTART_LATENCY_MS=5\nexport BLACKSTART_PASSWORD_STORE='mine'\n/)
  const values = [...made.matchAll(/^BLACKSTART_PASSWORD_\w+=([\w-]{24})$/gm)].map(([, value]) => value)
  expect([values.length, new Set(values).size]).toEqual([PASSWORDS.length - 2, PASSWORDS.length - 2])
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(await step.check()).toBeUndefined()
})

test('one that is empty is none', async () => {
  writeFileSync(file, `${all('known')}BLACKSTART_PASSWORD_STORE=""\n`)
  expect(await stepWith().check()).toMatchObject({ found: 'the world has no passwords yet' })
})

test.for([0o644, 0o640, 0o604, 0o660])(
  'a file that others may read or write (%o) is taken away from them, and that is said',
  async (mode) => {
    writeFileSync(file, all('known'))
    chmodSync(file, mode)
    const found = await stepWith().check()
    expect(found).toMatchObject({
      found: expect.stringContaining('others may read'),
      fix: { title: expect.stringContaining('chmod 600') },
    })
    await found?.fix?.run({} as never)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(await stepWith().check()).toBeUndefined()
  },
)

test('a link is refused, wherever it leads', async () => {
  symlinkSync(join(root, 'elsewhere'), file)
  expect(await stepWith().check()).toMatchObject({ found: expect.stringContaining('is a link') })
  writeFileSync(join(root, 'elsewhere'), all('known'))
  const found = await stepWith().check()
  expect(found).toMatchObject({ found: expect.stringContaining('is a link'), remedy: expect.stringMatching(/\S/) })
  expect(found).not.toHaveProperty('fix')
})

test('a file that Compose refuses is told by its line, without what stands there', async () => {
  writeFileSync(file, `${all('known')}BLACKSTART_PASSWORD_DCS="hunter2\n`)
  expect(JSON.stringify(await stepWith().check())).toMatch(/line 10 opens a quotation/)
  expect(JSON.stringify(await stepWith().check())).not.toContain('hunter2')
})

test('a folder that may not be written to is a sentence, not a defect', async () => {
  rmSync(root, { recursive: true })
  const found = await stepWith().check()
  const failing = (found?.fix?.run({} as never) ?? Promise.resolve()).finally(() => {
    root = mkdtempSync(join(tmpdir(), 'passwords-'))
  })
  await expect(failing).rejects.toMatchObject({ exitCode: 3, message: expect.stringContaining('cannot be written') })
})
