// Goal: only whoever has the key may look, and nothing in a journal is anything but text.
// Method: a real Chromium and requests by hand, over a journal with hostile names.

import { writeFileSync } from 'node:fs'
import http from 'node:http'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { closeBrowser, GrowingRun, type Opened, openPage, openRoom, recorded, seen } from './room.ts'

afterAll(closeBrowser)

function answerTo(
  { room }: Opened,
  { path = '/', method = 'GET', headers = {} }: { path?: string; method?: string; headers?: Record<string, string> },
): Promise<http.IncomingMessage> {
  const { hostname, port } = new URL(room.address)
  return new Promise((resolve, reject) => {
    http
      .request({ hostname, port, path, method, headers }, (answer) => resolve(answer.resume()))
      .on('error', reject)
      .end()
  })
}

const cookieOf = (answer: http.IncomingMessage) => answer.headers['set-cookie']?.[0]?.split(';')[0] ?? ''

test('without the key, from another site or for another host nothing is answered', async () => {
  const opened = await openRoom()
  const { search } = new URL(opened.room.address)
  const page = await answerTo(opened, { path: `/${search}` })
  expect(page.statusCode).toBe(200)
  const cookie = cookieOf(page)
  const status = async (asked: Parameters<typeof answerTo>[1]) => (await answerTo(opened, asked)).statusCode
  for (const path of ['/', '/page/main.js', '/api/runs', '/api/frames', '/runs/last/report'])
    expect({ path, status: await status({ path }) }).toEqual({ path, status: 401 })
  expect(await status({ path: '/api/runs', headers: { cookie } })).toBe(200)
  expect(await status({ path: '/?key=guessed' })).toBe(401)
  expect(await status({ path: '/api/runs', headers: { cookie, host: 'evil.example' } })).toBe(421)
  expect(await status({ path: '/api/runs', headers: { cookie, origin: 'http://evil.example' } })).toBe(403)
  expect(await status({ path: '/api/orders', method: 'POST', headers: { cookie } })).toBe(403)
  expect(await status({ path: `/runs/${encodeURIComponent('../..')}/report`, headers: { cookie } })).toBe(404)
  expect(await status({ path: `/page/${encodeURIComponent('../server.ts')}`, headers: { cookie } })).toBe(404)
  expect(page.headers['content-security-policy']).toContain("default-src 'none'; script-src 'self'")
})

test('a page of another site cannot order anything, even in the browser that has the cookie', async () => {
  const opened = await openRoom()
  const { page } = await openPage(opened)
  const { port } = new URL(opened.room.address)
  const foreign = http.createServer((_, answer) => answer.setHeader('content-type', 'text/html').end('<p>foreign</p>'))
  await new Promise<void>((resolve) => foreign.listen(0, '127.0.0.1', resolve))
  using _closed = { [Symbol.dispose]: () => void foreign.close() }
  const other = await page.context().newPage()
  await other.goto(`http://127.0.0.1:${(foreign.address() as { port: number }).port}/`)
  const told = await other.evaluate(
    `fetch('http://127.0.0.1:${port}/api/runs', { credentials: 'include' }).then((answer) => answer.status, () => 'blocked')`,
  )
  expect(told).toBe('blocked')
})

const image = '<img src=x onerror="globalThis.hacked=1">'

test('names, notes and reasons are text', async () => {
  const opened = await openRoom()
  const lines = recorded('region-kill').map((line) => line.replaceAll('pg-east-b', image.replaceAll('"', '\\"')))
  const note = { seq: 1, atMs: 1, kind: 'note', text: `${image}\u001b]0;owned\u0007\u001b[31mred\u202egnirts` }
  const run = new GrowingRun(opened.runs, '2026-01-01T000000Z-<b>bold</b>'.replace('/', ''), [
    lines[0]!,
    JSON.stringify(note),
    ...lines.slice(1),
  ])
  run.writeUntil()
  const { page, complaints } = await openPage(opened)
  await expect.poll(() => page.locator('[data-node]').count()).toBeGreaterThan(3)
  expect(await page.locator('img, b b, script:not([src])').count()).toBe(0)
  expect(await page.evaluate('globalThis.hacked')).toBeUndefined()
  expect(await page.locator(`[data-node="${image.replaceAll('"', '\\"')}"]`).count()).toBe(1)
  const log = await seen(page.locator('.log tbody'))
  expect(log).toContain(image)
  expect(await page.content()).not.toMatch(/[\u001b\u0007\u202e]/)
  await page.locator(`[data-node="${image.replaceAll('"', '\\"')}"]`).click()
  await expect.poll(() => seen(page.locator('.chosen'))).toContain(image)
  expect(complaints).toEqual([])
})

test('a report from elsewhere runs no script of its own', async () => {
  const opened = await openRoom()
  const run = new GrowingRun(opened.runs, '2026-01-01T000000Z-region-kill', recorded('region-kill'))
  run.writeUntil()
  writeFileSync(
    join(run.folder, 'report.html'),
    '<h1>report</h1><script>document.title = "owned"; document.querySelector("h1").textContent = "owned"</script>',
  )
  const { page } = await openPage(opened, { hash: `#/report/${run.name}` })
  await expect.poll(() => seen(page.frameLocator('iframe').locator('h1'))).toBe('report')
})

test('a journal that is none says so', async () => {
  const opened = await openRoom()
  const run = new GrowingRun(opened.runs, '2026-01-01T000000Z-odd', [recorded('region-kill')[0]!, '{"kind":"gossip"}'])
  run.writeUntil()
  const { page } = await openPage(opened)
  await expect.poll(() => seen(page.locator('main'))).toContain('line 2 of the journal is no event')
})
