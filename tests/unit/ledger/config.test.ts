import pg from 'pg'
import { describe, expect, test } from 'vitest'
import { ConfigError, readConfig } from '../../../services/ledger/config.ts'

const complete = {
  REGION: 'east',
  ZONE: 'a',
  NODE: 'app-east-a',
  DATABASE_WRITE_URL: 'postgres://ledger:secret@haproxy-east:5000/ledger',
  DATABASE_READ_URL: 'postgres://ledger:secret@haproxy-east:5001/ledger',
}

const problemsOf = (env: Record<string, string | undefined>): readonly string[] => {
  try {
    readConfig(env)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

describe('the settings', () => {
  test('have defaults for all that is not the identity of the replica or its database', () => {
    expect(readConfig(complete)).toEqual({
      region: 'east',
      zone: 'a',
      node: 'app-east-a',
      host: '0.0.0.0',
      port: 8080,
      databaseWriteUrl: complete.DATABASE_WRITE_URL,
      databaseReadUrl: complete.DATABASE_READ_URL,
      writeDeadlineMs: 2_000,
      readDeadlineMs: 1_000,
      poolWriteMax: 16,
      poolReadMax: 6,
      queueMax: 1_000,
      policies: 0,
      drainNoticeMs: 1_000,
      drainLimitMs: 30_000,
      logLevel: 'info',
    })
  })

  test('are all named when all are missing', () => {
    expect(problemsOf({})).toEqual([
      'REGION is missing',
      'ZONE is missing',
      'NODE is missing',
      'DATABASE_WRITE_URL is missing',
      'DATABASE_READ_URL is missing',
    ])
  })

  test('name a store, its sentinels in the order in which they are asked', () => {
    const store = { STORE_SENTINELS: 'sentinel-east:26371, sentinel-witness:26373', STORE_NEAR: 'redis-east:6371' }
    const sentinels = [
      { host: 'sentinel-east', port: 26_371 },
      { host: 'sentinel-witness', port: 26_373 },
    ]
    expect(readConfig({ ...complete, ...store }).store).toEqual({
      sentinels,
      name: 'ledger',
      near: { host: 'redis-east', port: 6_371 },
    })
    expect(readConfig({ ...complete, ...store, STORE_NEAR: '', STORE_NAME: 'books' }).store).toEqual({
      sentinels,
      name: 'books',
    })
  })

  test.each([
    ['STORE_SENTINELS', 'sentinel-east'],
    ['STORE_SENTINELS', 'sentinel-east:0'],
    ['STORE_SENTINELS', 'sentinel-east:26371,'],
    ['STORE_SENTINELS', 'a:99999'],
    ['STORE_NEAR', 'redis-east:6371'],
  ])('refuse %s=%s, which names no store', (name, value) => {
    const problems = problemsOf({ ...complete, [name]: value })
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(name)
  })

  test('count as missing when empty, and as default where there is one', () => {
    expect(problemsOf({ ...complete, REGION: ' ' })).toEqual(['REGION is missing'])
    expect(readConfig({ ...complete, PORT: '' }).port).toBe(8080)
  })

  test.each([
    ['PORT', '80a'],
    ['PORT', '70000'],
    ['WRITE_DEADLINE_MS', '1.5'],
    ['WRITE_DEADLINE_MS', '-1'],
    ['POOL_WRITE_MAX', '0'],
    ['QUEUE_MAX', '1e3'],
    ['LOG_LEVEL', 'loud'],
    ['NODE', 'app\r\nx-evil: 1'],
  ])('refuse %s=%s, and say which', (name, value) => {
    const problems = problemsOf({ ...complete, [name]: value })
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(name)
  })

  test('take a password as it is, for both URLs, spaces at its ends too', () => {
    const password = ` /&@"'\\%:?$# `
    const { databaseWriteUrl, databaseReadUrl } = readConfig({
      ...complete,
      DATABASE_WRITE_URL: 'postgres://ledger@haproxy-east:5000/ledger',
      DATABASE_PASSWORD: password,
    })
    expect(new pg.Client({ connectionString: databaseWriteUrl })).toMatchObject({
      user: 'ledger',
      password,
      host: 'haproxy-east',
      port: 5000,
      database: 'ledger',
    })
    expect(new pg.Client({ connectionString: databaseReadUrl })).toMatchObject({ password, port: 5001 })
  })

  test.each(['mysql://host/db', 'haproxy-east:5000', 'postgres:///ledger', ''])(
    'refuse the database URL "%s" without repeating it',
    (url) => {
      const [problem] = problemsOf({ ...complete, DATABASE_READ_URL: url })
      expect(problem).toMatch(/^DATABASE_READ_URL (is missing|must be a URL)/)
      if (url !== '') expect(problem).not.toContain(url)
    },
  )
})
