import { DatabaseError } from 'pg'
import { describe, expect, test } from 'vitest'
import { conclude, isDoubt, UnconfirmedCommit } from '../../../services/ledger/database/failures.ts'

const serverError = (code: string): DatabaseError => {
  const error = new DatabaseError('said the server', 0, 'error')
  error.code = code
  return error
}

describe('what a failed statement means', () => {
  test.each([
    ['25006', 'read-only', { unavailable: true, mayHaveTakenEffect: false, connectionSpoilt: true }],
    ['57P01', 'being shut down', { unavailable: true, mayHaveTakenEffect: true, connectionSpoilt: true }],
    ['57P03', 'starting up', { unavailable: true, mayHaveTakenEffect: true, connectionSpoilt: true }],
    ['57014', 'statement timeout', { unavailable: true, mayHaveTakenEffect: false, connectionSpoilt: false }],
    ['53300', 'too many connections', { unavailable: true, mayHaveTakenEffect: false, connectionSpoilt: true }],
    ['53100', 'disk full', { unavailable: true, mayHaveTakenEffect: false, connectionSpoilt: true }],
    ['40P01', 'deadlock', { unavailable: true, mayHaveTakenEffect: false, connectionSpoilt: false }],
    ['55P03', 'lock timeout', { unavailable: true, mayHaveTakenEffect: false, connectionSpoilt: false }],
    ['42P01', 'schema not applied', { unavailable: true, mayHaveTakenEffect: false, connectionSpoilt: false }],
    ['23514', 'check violated: a defect', { unavailable: false, mayHaveTakenEffect: false, connectionSpoilt: false }],
    ['42703', 'unknown column: a defect', { unavailable: false, mayHaveTakenEffect: false, connectionSpoilt: false }],
  ])('%s (%s)', (code, _meaning, conclusion) => {
    expect(conclude(serverError(code), true)).toMatchObject(conclusion)
    expect(conclude(serverError(code), true).message).toBe(`said the server (${code})`)
  })

  test('no word from the server leaves the outcome open only if the statement was sent', () => {
    const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })
    expect(conclude(reset, true)).toMatchObject({ unavailable: true, mayHaveTakenEffect: true, connectionSpoilt: true })
    expect(conclude(reset, false)).toMatchObject({ unavailable: true, mayHaveTakenEffect: false })
  })

  test('a host whose addresses all refused is described by what each of them said', () => {
    const error = new AggregateError([
      new Error('connect ECONNREFUSED ::1:5432'),
      new Error('connect ECONNREFUSED 127.0.0.1:5432'),
    ])
    expect(conclude(error, false).message).toBe('connect ECONNREFUSED ::1:5432, connect ECONNREFUSED 127.0.0.1:5432')
  })

  test('an unconfirmed commit stays what it is', () => {
    const unconfirmed = new UnconfirmedCommit('canceling wait')
    expect(conclude(unconfirmed, true)).toBe(unconfirmed)
  })
})

describe('notices', () => {
  test.each([
    [{ code: '01000', severity: 'WARNING' }, true],
    [{ code: '01000', severity: 'WARNUNG' }, true],
    [{ code: '57P01', severity: 'WARNING' }, true],
    [{ code: '00000', severity: 'NOTICE' }, false],
    [{ code: '42P07', severity: 'NOTICE' }, false],
    [{}, false],
  ])('%j puts the commit in doubt: %s', (notice, doubt) => {
    expect(isDoubt(notice)).toBe(doubt)
  })
})
