// Goal: only a browser that was given the address, and only this page in it, is answered.
// Method: the guard's decision for requests as browsers and others send them.
import { expect, test } from 'vitest'
import { guardOf } from '../../../chaos/ui/guard.ts'

const token = 'a'.repeat(43)
const guard = guardOf({ token, port: 7000 })
const host = '127.0.0.1:7000'
const cookie = `other=1; blackstart-7000=${token}`
const asking = { method: 'GET', host, origin: undefined, cookie }

test('the cookie opens, and so does the key in the address', () => {
  expect(guard.refuses(asking)).toBeUndefined()
  expect(guard.refuses({ ...asking, cookie: undefined, key: token })).toBeUndefined()
  expect(guard.refuses({ ...asking, host: 'localhost:7000' })).toBeUndefined()
  expect(guard.refuses({ ...asking, method: 'POST', origin: `http://${host}` })).toBeUndefined()
})

test.each([
  ['no cookie', { cookie: undefined }, 401],
  ['a wrong cookie', { cookie: `blackstart-7000=${'b'.repeat(43)}` }, 401],
  ['a cookie of another port', { cookie: `blackstart-7001=${token}` }, 401],
  ['a wrong key', { cookie: undefined, key: 'b'.repeat(43) }, 401],
  ['a key of another length', { cookie: undefined, key: 'ä' }, 401],
  ['a foreign host: DNS rebinding', { host: 'evil.example:7000' }, 421],
  ['another port', { host: '127.0.0.1:7001' }, 421],
  ['no host', { host: undefined }, 421],
  ['a foreign page', { origin: 'http://evil.example' }, 403],
  ['a page without an origin, such as a report', { origin: 'null' }, 403],
  ['another page on this machine', { origin: 'http://127.0.0.1:9' }, 403],
  ['an order that does not say where it is from', { method: 'POST' }, 403],
])('%s is refused', (_, change, status) => {
  expect(guard.refuses({ ...asking, ...change })).toMatchObject({ status })
})

test('scripts cannot read the cookie, and no other site carries it', () => {
  expect(guard.setCookie).toBe(`blackstart-7000=${token}; HttpOnly; SameSite=Strict; Path=/`)
})
