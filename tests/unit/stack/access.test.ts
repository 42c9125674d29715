// Goal: a label may name a password of the world, and nothing else of the caller's environment: whoever carries the
// label gets the value.
// Method: variables of the test's own environment, with names as labels may hold them; and what the line to be copied
// into a shell becomes.
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { addresses } from '../../../chaos/cli/addresses.ts'
import {
  checkPasswordNames,
  databaseAccess,
  dcsAccess,
  passwordOf,
  patroniAuthorization,
} from '../../../chaos/stack/access.ts'
import type { Node, Topology } from '../../../chaos/topology/topology.ts'

beforeEach(() => {
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'of the caller')
  vi.stubEnv('BLACKSTART_PASSWORD_OF_A_TEST', 'of the world')
})
afterEach(() => {
  vi.unstubAllEnvs()
})

const nodeWith = (attributes: Record<string, string>): Node => ({
  name: 'pg1',
  role: 'database',
  site: 'east',
  ports: { sql: 1 },
  attributes,
})
const worldOf = (...nodes: Node[]): Topology => ({ world: 'w', sites: [], nodes, links: [], timeouts: {} })

test('what is called a password of the world is one; no label, no password', () => {
  expect(passwordOf('BLACKSTART_PASSWORD_OF_A_TEST')).toBe('of the world')
  expect(passwordOf('BLACKSTART_PASSWORD_OF_NOBODY')).toBeUndefined()
  for (const none of [undefined, '']) expect(passwordOf(none)).toBeUndefined()
  expect(() =>
    checkPasswordNames(
      worldOf(nodeWith({ 'database.password': 'BLACKSTART_PASSWORD_OF_A_TEST' }), nodeWith({ 'rest.password': '' })),
    ),
  ).not.toThrow()
})

test.each([
  ['database.password', databaseAccess],
  ['rest.password', patroniAuthorization],
  ['dcs.password', dcsAccess],
])('another variable of the caller is not given away by blackstart.%s', (key, speak) => {
  const node = nodeWith({ [key]: 'AWS_SECRET_ACCESS_KEY', 'dcs.user': 'observer' })
  expect(() => speak(node)).toThrow('the variable AWS_SECRET_ACCESS_KEY is not a password of the world')
  expect(() => checkPasswordNames(worldOf(node))).toThrow(
    expect.objectContaining({
      exitCode: 4,
      message: expect.stringMatching(
        new RegExp(
          `^pg1 has the label blackstart\\.${key}="AWS_SECRET_ACCESS_KEY": .*define it in .*\\.env, or give it a name that begins with BLACKSTART_PASSWORD_`,
        ),
      ) as string,
    }) as Error,
  )
})

test.each(['.*', 'AWS_SECRET_ACCESS_KEY|BLACKSTART_PASSWORD_OF_A_TEST', 'BLACKSTART_PASSWORD_\nX'])(
  '%j is not the name of a variable',
  (variable) => {
    expect(() => passwordOf(variable)).toThrow('is not the name of a variable')
  },
)

test("the line to be copied into a shell holds a label's value as one word", () => {
  const told = addresses(worldOf(nodeWith({ 'database.user': 'me; rm -rf ~', 'database.name': "it's" })))
  expect(told).toContain(`psql -h 127.0.0.1 -p 1 -U 'me; rm -rf ~' 'it'\\''s'`)
  expect(addresses(worldOf(nodeWith({ 'database.user': 'me', 'database.name': 'books' })))).toContain('-U me books')
})
