// Goal: a database that refuses the user or the password is told as that, with who asked and where that is said.
import { expect, test } from 'vitest'
import { answerWords, logInsRefused } from '../../../chaos/world/log-in.ts'

const node = (attributes: Record<string, string>) => ({
  name: 'db-1',
  role: 'database' as const,
  site: 'east',
  ports: {},
  attributes,
})
const watcher = node({ 'database.user': 'watcher', 'database.password': 'BLACKSTART_PASSWORD_W_DB_1' })

test.for([
  'password authentication failed for user "watcher"',
  'SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string',
  'role "watcher" does not exist',
  "Access denied for user 'watcher'@'198.18.0.1' (using password: YES)",
  'WRONGPASS invalid username-password pair or user is disabled.',
  'NOAUTH Authentication required.',
])('%s', (answer) => {
  const words = answerWords(watcher, answer)
  expect(words).toBe(
    `db-1 does not let Blackstart in (user watcher, password of BLACKSTART_PASSWORD_W_DB_1): ${answer}; "user" and "passwordFrom" of "databases" in blackstart.yaml say who asks`,
  )
  expect(logInsRefused(['db-2: no answer within 2 s', words])).toEqual([words])
})

test('without a user or password, that is what is told', () => {
  expect(answerWords(node({}), 'NOAUTH Authentication required.')).toMatch(/\(default user, no password\)/)
})

test('another answer stays as it is', () => {
  expect(answerWords(watcher, 'the database system is starting up')).toBe('db-1: the database system is starting up')
  expect(logInsRefused(['db-1: the database system is starting up'])).toEqual([])
})
