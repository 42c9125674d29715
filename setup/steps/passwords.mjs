import { randomBytes } from 'node:crypto'
import { appendFileSync, chmodSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnvFile } from '../env-file.mjs'
import { EnvironmentError } from '../errors.mjs'
import { ownership } from '../owner.mjs'
import { PASSWORDS } from '../password-names.mjs'

/** Rights of the group and of all others. */
const OF_OTHERS = 0o077

/**
 * The world's passwords. They are made once for the folder in which the user works, and kept there in `.env`, which only
 * its owner may read and git ignores. What the environment or the file already says is left as it is.
 * @param {import('../host/host.mjs').Host} host
 * @returns {import('../step.mjs').Step}
 */
export function passwordsStep(host) {
  const file = join(host.work, '.env')
  return {
    name: 'passwords',
    async check() {
      const there = host.lstat(file)
      if (there?.isLink)
        return {
          found: `${file} is a link: passwords would be written to, and read from, wherever it leads`,
          remedy: 'put the file itself in its place',
        }
      const text = host.read(file)
      if (there !== undefined && text === undefined)
        return {
          found: `${file} holds the world's passwords, and this user may not read it: ${ownership(file).whose}`,
          remedy: ownership(file).remedy,
        }
      const said = read(text ?? '', host.env)
      if ('problem' in said)
        return { found: `${file} cannot be read, by Compose either: ${said.problem}`, remedy: 'fix that line' }
      const missing = PASSWORDS.filter((name) => !host.env[name] && !said.values.get(name))
      if (missing.length > 0)
        return {
          found: 'the world has no passwords yet',
          remedy: `make ${file} writable`,
          fix: { title: "making the world's passwords, in .env", run: async () => write(file, text, missing) },
        }
      if (there !== undefined && (there.mode & OF_OTHERS) !== 0 && host.platform !== 'win32')
        return {
          found: `others may read ${file}, which holds the world's passwords`,
          remedy: `chmod 600 ${file}; where that changes nothing, move the folder to a file system with file permissions`,
          fix: {
            title: "making .env readable for its owner only: it holds the world's passwords (chmod 600)",
            run: async () => tighten(file),
          },
        }
      return undefined
    },
  }
}

/**
 * @param {string} text @param {Record<string, string | undefined>} env @returns {{ values: Map<string, string> } | {
 * problem: string }}
 */
function read(text, env) {
  try {
    return { values: parseEnvFile(text, env) }
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) }
  }
}

/** @param {string} file @param {string | undefined} before @param {string[]} names */
function write(file, before, names) {
  const start = before === undefined || before === '' || before.endsWith('\n') ? '' : '\n'
  attempt(`${file} cannot be written`, ownership(file).remedy, () =>
    appendFileSync(
      file,
      `${start}${names.map((name) => `${name}=${randomBytes(18).toString('base64url')}\n`).join('')}`,
      { mode: 0o600 },
    ),
  )
  tighten(file)
}

/** @param {string} file */
function tighten(file) {
  attempt(`others may read ${file}, and this user may not change that`, ownership(file).remedy, () =>
    chmodSync(file, 0o600),
  )
}

/** @param {string} found @param {string} remedy @param {() => void} work */
function attempt(found, remedy, work) {
  try {
    work()
  } catch (error) {
    throw new EnvironmentError(`${found} (${error instanceof Error ? error.message : String(error)})`, remedy, {
      cause: error,
    })
  }
}
