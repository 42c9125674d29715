import { describe, expect, test } from 'vitest'
import { QueryFailed } from '../../../services/ledger/database/failures.ts'
import type { BoundedPool } from '../../../services/ledger/database/pool.ts'
import { Readiness } from '../../../services/ledger/readiness.ts'

/** A database that does what the test says next. */
class FakeReads {
  next: () => Promise<unknown[]> = () => Promise.resolve([])
  run = (async () => this.next()) as unknown as BoundedPool['run']
}

const serving = async (): Promise<unknown[]> => [{ applied: true, node: 'pg-east-a', timeline: 3 }]
const silent = (): Promise<never> => {
  const conclusion = { unavailable: true, mayHaveTakenEffect: true, connectionSpoilt: true }
  return Promise.reject(new QueryFailed('no answer from the database', conclusion))
}

describe('readiness', () => {
  test('is refused until the database has been asked', () => {
    expect(new Readiness({ reads: new FakeReads() }).status).toMatchObject({ ready: false, code: 'starting' })
  })

  test('follows the database, names it, and reports each change once', async () => {
    const reads = new FakeReads()
    const changes: string[] = []
    const readiness = new Readiness({
      reads,
      limitMs: 30,
      onChange: (status) => changes.push(status.ready ? 'ready' : status.code),
    })

    reads.next = serving
    await readiness.check()
    await readiness.check()
    expect(readiness.status).toEqual({ ready: true, answeredBy: { node: 'pg-east-a', timeline: 3 } })

    reads.next = silent
    await readiness.check()
    await readiness.check()
    expect(readiness.status).toMatchObject({ ready: false, code: 'database_unavailable' })

    reads.next = serving
    await readiness.check()
    expect(changes).toEqual(['ready', 'database_unavailable', 'ready'])
  })

  test('gives a second connection its chance before it reports a failure', async () => {
    const reads = new FakeReads()
    let asked = 0
    reads.next = () => ((asked += 1) === 1 ? silent() : serving())
    const readiness = new Readiness({ reads, limitMs: 100 })
    await readiness.check()
    expect(readiness.status.ready).toBe(true)
  })

  test('is refused while the schema of this version is missing', async () => {
    const reads = new FakeReads()
    reads.next = async () => [{ applied: false, node: 'pg-east-a', timeline: 1 }]
    const readiness = new Readiness({ reads })
    await readiness.check()
    expect(readiness.status).toMatchObject({ ready: false, code: 'schema_missing' })
  })

  test('is refused from the first moment of a drain, whatever the database says', async () => {
    const reads = new FakeReads()
    reads.next = serving
    const readiness = new Readiness({ reads })
    await readiness.check()
    readiness.drain()
    await readiness.check()
    expect(readiness.status).toMatchObject({ ready: false, code: 'draining' })
  })

  test('is checked in the background until stopped', async () => {
    const reads = new FakeReads()
    let asked = 0
    reads.next = () => {
      asked += 1
      return serving()
    }
    const readiness = new Readiness({ reads, intervalMs: 1 })
    readiness.start()
    await expect.poll(() => asked, { interval: 5 }).toBeGreaterThan(2)
    await readiness.stop()
    const askedAtStop = asked
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(asked).toBe(askedAtStop)
  })
})
