// An image is built again when, and only when, something that goes into it has changed.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { copiedPaths, imagesUsed, inputsHash } from '../../../setup/docker/inputs.mjs'

let context = ''
const write = (path: string, text: string) => writeFileSync(join(context, path), text)

beforeEach(() => {
  context = mkdtempSync(join(tmpdir(), 'inputs-'))
  mkdirSync(join(context, 'app/node_modules'), { recursive: true })
  write('Dockerfile', 'FROM debian AS a\nCOPY package.json \\\n  app /srv/\n')
  write('package.json', '{}')
  write('app/main.ts', 'one')
  write('README.md', 'words')
})
afterEach(() => rmSync(context, { recursive: true }))

test('the same files give the same hash', () => {
  expect(inputsHash({ context })).toBe(inputsHash({ context }))
  expect(inputsHash({ context })).toMatch(/^[0-9a-f]{16}$/)
})

test.for([
  ['a copied file', () => write('package.json', '{ }')],
  ['a file in a copied folder', () => write('app/main.ts', 'two')],
  ['a new file in a copied folder', () => write('app/more.ts', '')],
  ['an executable bit', () => chmodSync(join(context, 'app/main.ts'), 0o755)],
  ['the Dockerfile', () => write('Dockerfile', 'FROM debian AS a\nCOPY package.json app /opt/\n')],
] as const)('%s changes it', ([, change]) => {
  const before = inputsHash({ context })
  change()
  expect(inputsHash({ context })).not.toBe(before)
})

test.for([
  ['a file that is not copied', () => write('README.md', 'other words')],
  ['installed packages', () => write('app/node_modules/x.js', '1')],
] as const)('%s does not change it', ([, change]) => {
  const before = inputsHash({ context })
  change()
  expect(inputsHash({ context })).toBe(before)
})

test('arguments and target count', () => {
  const hashes = [{}, { args: { V: '1' } }, { args: { V: '2' } }, { target: 'a' }].map((more) =>
    inputsHash({ context, ...more }),
  )
  expect(new Set(hashes).size).toBe(4)
})

test.for([
  ['COPY a b /c/', ['a', 'b']],
  ['COPY --chown=1:1 ["a b", "/c/"]', ['a b']],
  ['COPY . .', ['.']],
  ['COPY src/*.ts /c/', ['src']],
  ['COPY ${WHAT} /c/', ['.']],
  ['COPY --from=build /x /y', []],
  ['COPY <<EOF /etc/x', []],
  ['ADD https://example.org/x /x', []],
  ['RUN --mount=type=bind,source=lib,target=/lib make', ['lib']],
  ['RUN --mount=type=secret,id=ca,target=/x make', []],
  ['# COPY a b', []],
] as const)('%s takes %j', ([line, paths]) => {
  expect(copiedPaths(`FROM debian\n${line}\n`)).toEqual(paths)
})

test('all images that a Dockerfile starts or copies from', () => {
  const dockerfile_inline =
    'FROM --platform=linux/amd64 tool:1 AS t\nFROM debian\nCOPY --from=other:2 /x /x\nRUN --mount=type=bind,from=third:3,source=/y true\n'
  expect(imagesUsed({ context, dockerfile_inline })).toEqual(['tool:1', 'debian', 'other:2', 'third:3'])
})
