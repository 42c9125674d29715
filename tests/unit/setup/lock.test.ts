import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lock } from '../../../setup/host/lock.mjs'

let folder = ''
let file = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'))
  file = join(folder, 'new/setup.lock')
})
afterEach(() => rmSync(folder, { recursive: true }))

const said: string[] = []
const options = { say: (text: string) => void said.push(text), limitMs: 20, pollMs: 5 }

test('is taken, and given back', async () => {
  const release = await lock(file, options)
  expect(existsSync(file)).toBe(true)
  release()
  release()
  expect(existsSync(file)).toBe(false)
})

test('the second waits for the first, and says for whom', async () => {
  const release = await lock(file, options)
  const order: string[] = []
  const taken = lock(file, { ...options, limitMs: 20_000 }).then((release) => (order.push('second'), release))
  setTimeout(() => {
    order.push('first is done')
    release()
  }, 60)
  const second = await taken
  expect(order).toEqual(['first is done', 'second'])
  expect(said).toContain(`another set-up (process ${process.pid}) is at work here: waiting for it to finish`)
  second()
})

test('waiting has an end, and then nothing is taken away from the first', async () => {
  const release = await lock(file, options)
  await expect(lock(file, options)).rejects.toMatchObject({
    exitCode: 3,
    message: expect.stringContaining('waiting until the other set-up'),
  })
  expect(existsSync(file)).toBe(true)
  release()
})

test('an owner that died holds nobody up', async () => {
  const release = await lock(file, options)
  // Larger than any process id that Linux gives.
  writeFileSync(file, '99999999')
  const next = await lock(file, options)
  next()
  release()
})

test('a file without a number is left alone while it may be half written', async () => {
  const release = await lock(file, options)
  writeFileSync(file, '')
  await expect(lock(file, options)).rejects.toThrow('gave up')
  utimesSync(file, 0, 0)
  const next = await lock(file, options)
  next()
  release()
})
