import { describe, expect, test } from 'vitest'
import type { Resolve } from '../../../services/ledger/database/lookup.ts'
import { sharedLookup } from '../../../services/ledger/database/lookup.ts'

const find = (lookup: ReturnType<typeof sharedLookup>, host: string): Promise<string> =>
  new Promise((resolve, reject) => {
    lookup(host, { all: false }, (error, address) => {
      if (error) reject(error)
      else resolve(String(address))
    })
  })

describe('looking up the database', () => {
  test('asks once for all that wait for the same name', async () => {
    let asked = 0
    const lookup = sharedLookup({
      patienceMs: 1_000,
      resolve: async () => {
        asked += 1
        return { address: '198.18.0.5', family: 4 }
      },
    })
    const found = await Promise.all([
      find(lookup, 'haproxy-east'),
      find(lookup, 'haproxy-east'),
      find(lookup, 'haproxy-east'),
    ])
    expect(found).toEqual(['198.18.0.5', '198.18.0.5', '198.18.0.5'])
    expect(asked).toBe(1)
  })

  test('uses the last good address while the resolver is silent or has forgotten the name', async () => {
    const answers: Array<ReturnType<Resolve>> = [
      Promise.resolve({ address: '198.18.0.5', family: 4 }),
      Promise.reject(new Error('getaddrinfo ENOTFOUND haproxy-east')),
      new Promise(() => {}),
    ]
    for (const answer of answers) answer.catch(() => {})
    const lookup = sharedLookup({
      patienceMs: 10,
      resolve: () => answers.shift() ?? Promise.reject(new Error('asked too often')),
    })
    expect(await find(lookup, 'haproxy-east')).toBe('198.18.0.5')
    expect(await find(lookup, 'haproxy-east')).toBe('198.18.0.5')
    expect(await find(lookup, 'haproxy-east')).toBe('198.18.0.5')
    // The silent question is still open: nobody asks it again.
    expect(await find(lookup, 'haproxy-east')).toBe('198.18.0.5')
  })

  test('fails within its patience when it never knew the name', async () => {
    const lookup = sharedLookup({ patienceMs: 10, resolve: () => new Promise(() => {}) })
    await expect(find(lookup, 'haproxy-east')).rejects.toThrow('no address for haproxy-east within 10 ms')
  })

  test('answers in the form that node asks for', async () => {
    const lookup = sharedLookup({ patienceMs: 1_000, resolve: async () => ({ address: '::1', family: 6 }) })
    const all = await new Promise((resolve) =>
      lookup('localhost', { all: true }, (_error, addresses) => resolve(addresses)),
    )
    expect(all).toEqual([{ address: '::1', family: 6 }])
  })
})
