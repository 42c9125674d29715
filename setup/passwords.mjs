import { randomBytes } from 'node:crypto'
import { appendFileSync, chmodSync } from 'node:fs'
import { join } from 'node:path'

/** Whose: each component has one of its own. What Compose and the harness know them by. */
export const PASSWORDS = ['SUPERUSER', 'REPLICATION', 'LEDGER', 'OBSERVER', 'PATRONI', 'STORE', 'DCS', 'DCS_PATRONI', 'DCS_ARBITER'].map((whose) => `BLACKSTART_PASSWORD_${whose}`)

/**
 * The world's passwords, made once for a checkout and kept in `.env`, which Compose reads by itself, git does not, and nobody but the owner may. What the environment
 * or the file already says is left as it is.
 * @param {import('./host.mjs').Host} host
 * @returns {import('./step.mjs').Step}
 */
export function passwordsStep(host) {
  const file = join(host.root, '.env')
  const missing = () => PASSWORDS.filter((name) => !host.env[name] && !new RegExp(`^${name}=.`, 'm').test(host.read(file) ?? ''))
  return {
    name: 'passwords',
    async check() {
      if (missing().length === 0) return undefined
      return {
        found: 'the world has no passwords yet', remedy: `make ${file} writable`,
        fix: { title: "making the world's passwords, in .env", run: async () => write(file, host.read(file), missing()) },
      }
    },
  }
}

/** @param {string} file @param {string | undefined} before @param {string[]} names */
function write(file, before, names) {
  const start = before === undefined || before === '' || before.endsWith('\n') ? '' : '\n'
  appendFileSync(file, `${start}${names.map((name) => `${name}=${randomBytes(18).toString('base64url')}\n`).join('')}`, { mode: 0o600 })
  chmodSync(file, 0o600)
}
