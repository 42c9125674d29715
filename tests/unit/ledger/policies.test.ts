// Goal: a replica answers nobody before it knows its policies, and never keeps half a list of them.
import { expect, test } from 'vitest'
import type { BoundedPool, Statement } from '../../../services/ledger/database/pool.ts'
import { Policies, type PoliciesOptions } from '../../../services/ledger/policies.ts'

/** A database that knows what was stored, and answers as the test says. */
class FakePrimary {
  stored = 0
  readonly asked: string[] = []
  answer: (statement: Statement) => Promise<void> = async () => {}
  run = (async (statement: Statement) => {
    this.asked.push(statement.name)
    await this.answer(statement)
    if (statement.name === 'store_policies') this.stored = Number(statement.values?.[0])
    return [{ count: this.stored }]
  }) as unknown as BoundedPool['run']
}

function policiesOf(primary: FakePrimary, options: Partial<PoliciesOptions> = {}) {
  const changes: (string | undefined)[] = []
  const policies = new Policies({ primary, count: 3, onChange: (reason) => changes.push(reason), ...options })
  return { policies, changes }
}

test('where there are to be none, clients are answered from the beginning', () => {
  const primary = new FakePrimary()
  const { policies } = policiesOf(primary, { count: 0 })
  policies.start()
  policies.used()
  expect(policies.known).toBe(true)
  expect(primary.asked).toEqual([])
})

test('the first start has none to read; the first client makes what later starts read', async () => {
  const primary = new FakePrimary()
  const first = policiesOf(primary).policies
  expect(first.known).toBe(false)
  first.start()
  await expect.poll(() => first.known).toBe(true)
  first.used()
  first.used()
  await expect.poll(() => primary.stored).toBe(3)

  const { policies } = policiesOf(primary)
  policies.start()
  await expect.poll(() => policies.known).toBe(true)
  expect(primary.asked).toEqual(['policies', 'store_policies', 'policies', 'policy', 'policy', 'policy'])
})

test('what could not be stored is stored with the next use', async () => {
  const primary = new FakePrimary()
  const { policies } = policiesOf(primary)
  primary.answer = () => Promise.reject(new Error('away'))
  policies.used()
  primary.answer = async () => {}
  await expect.poll(() => (policies.used(), primary.stored)).toBe(3)
})

test('a list that is half read when its time is over is read anew', async () => {
  const primary = new FakePrimary()
  primary.stored = 3
  let slow = true
  primary.answer = async ({ name }) => {
    if (slow && name === 'policy') await new Promise((resolve) => setTimeout(resolve, 60))
  }
  const changes: (string | undefined)[] = []
  const { policies } = policiesOf(primary, {
    limitMs: 100,
    onChange: (reason) => {
      slow = false
      changes.push(reason)
    },
  })
  policies.start()
  await expect.poll(() => policies.known).toBe(true)
  expect(changes).toEqual(['the policies were not read within 100 ms', undefined])
  expect(primary.asked.slice(-4)).toEqual(['policies', 'policy', 'policy', 'policy'])
})

test('a failure is told once, however often it comes, and it is tried again each time', async () => {
  const primary = new FakePrimary()
  let failures = 4
  primary.answer = async () => {
    failures -= 1
    if (failures >= 0) throw new Error('too many')
  }
  const { policies, changes } = policiesOf(primary)
  policies.start()
  await expect.poll(() => policies.known).toBe(true)
  expect(changes).toEqual(['too many', undefined])
})

test('a replica that is told to end reads no more', async () => {
  const primary = new FakePrimary()
  primary.answer = () => Promise.reject(new Error('away'))
  const { policies } = policiesOf(primary, { onChange: () => policies.stop() })
  policies.start()
  await expect.poll(() => primary.asked.length).toBe(1)
  await new Promise((resolve) => setTimeout(resolve, 150))
  expect(primary.asked).toHaveLength(1)
})
