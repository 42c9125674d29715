// Goal: the rules on the engine's machine are the world's networks' alone, and whoever does not want them has none.
// Method: the real script, with an `nft` that tells what it was told, and a `sleep` that does not.
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { packageRoot } from '../../../chaos/roots.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'blackstart-untracked-'))
  for (const [name, body] of [
    ['nft', `cat > "${folder}/rules"`],
    ['sleep', ''],
  ] as const) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${body}\n`)
    chmodSync(join(folder, name), 0o755)
  }
})
afterEach(() => rmSync(folder, { recursive: true }))

function rulesWith(env: Record<string, string>): string | undefined {
  execFileSync('bash', [join(packageRoot, 'regions/config/untracked.sh')], {
    env: { PATH: `${folder}:${process.env['PATH']}`, NET: '198.18.7', ...env },
  })
  return existsSync(join(folder, 'rules')) ? readFileSync(join(folder, 'rules'), 'utf8') : undefined
}

test('only packets between two nodes of this world go untracked', () => {
  const rules = rulesWith({ UNTRACKED: 'on' })?.trim().split('\n') ?? []
  expect(
    rules.every(
      (rule) => rule.includes('table ip blackstart_198_18_7 ') || rule.includes('ip blackstart_198_18_7 arriving'),
    ),
  ).toBe(true)
  expect(rules.filter((rule) => rule.includes('notrack'))).toEqual([
    'add rule ip blackstart_198_18_7 arriving ip saddr 198.18.7.0/24 ip daddr 198.18.7.0/24 fib daddr type != local notrack',
  ])
})

test("BLACKSTART_UNTRACKED=off leaves the machine's rules as they are", () => {
  expect(rulesWith({ UNTRACKED: 'off' })).toBeUndefined()
})
