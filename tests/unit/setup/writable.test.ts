// Goal: in a checkout that another user ran first, a command says so in a sentence.
// Method: a folder that nobody may write to, looked at by a process that is not root (root may write anywhere).
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

const step = new URL('../../../setup/steps/writable.mjs', import.meta.url).href
const nobody = process.getuid?.() === 0 ? 65_534 : undefined
let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'writable-'))
  chmodSync(root, 0o755)
  mkdirSync(join(root, '.blackstart/locks'), { recursive: true })
})
afterEach(() => {
  for (const folder of ['.blackstart', '.blackstart/locks']) chmodSync(join(root, folder), 0o755)
  rmSync(root, { recursive: true })
})

function seen(): { found: string; remedy: string } | null {
  const code = `import { writableStep } from ${JSON.stringify(step)}
${nobody === undefined ? '' : `process.setuid(${nobody})`}
console.log(JSON.stringify(await writableStep({ root: ${JSON.stringify(root)}, work: ${JSON.stringify(root)}, kept: ${JSON.stringify(`${root}/.blackstart`)} }).check() ?? null))`
  return JSON.parse(execFileSync(process.execPath, ['--input-type=module', '--eval', code], { encoding: 'utf8' }))
}

test.for(['.blackstart', '.blackstart/locks'])(
  '%s belongs to somebody else: told, with who and what to do',
  (folder) => {
    for (const each of ['.blackstart', '.blackstart/locks']) chmodSync(join(root, each), 0o777)
    expect(seen()).toBeNull()
    chmodSync(join(root, folder), 0o555)
    expect(seen()).toEqual({
      found: expect.stringMatching(
        new RegExp(
          `^this user may not write to ${join(root, folder)}: (?:.* belongs to root, and you are|its permissions)`,
        ),
      ),
      remedy: expect.stringMatching(nobody === undefined ? 'chmod' : /sudo chown -R .* '.*\.blackstart/),
    })
  },
)
