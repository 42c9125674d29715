import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { composeEnvironment } from '../compose-env.mjs'
import { EnvironmentError } from '../errors.mjs'
import { PASSWORDS } from '../password-names.mjs'

/**
 * @typedef {object} ComposeConfig what Compose made of one file; only what building needs
 * @property {string} name
 * @property {Record<string, { image?: string, build?: import('./inputs.mjs').Build & Record<string, unknown> }>}
 * [services]
 * @property {Record<string, unknown>} [secrets]
 */

/**
 * The Compose files that say which images there are. The world's own may name the tools again; each image counts once.
 */
const ENTRY_FILES = ['services/images/tools.yml', 'docker-compose.yml']
/**
 * The files require passwords, and no image contains one. With these in their place, what there is to build is known
 * before the passwords are made.
 */
const UNREAD = Object.fromEntries(PASSWORDS.map((name) => [name, 'not read']))
/** Where included files, and the environment that fills them in, may be. */
const FOLDERS = ['', 'regions', 'services', 'services/images']

/**
 * The services that build images, as Compose resolves them. Compose takes half a second over it, so its answer is kept
 * until one of the files, or a variable that they use, changes.
 * @param {import('../host/host.mjs').Host} host
 * @returns {Promise<ComposeConfig[]>}
 * @throws {EnvironmentError} when Compose refuses a file
 */
export async function readComposeFiles(host) {
  const entries = ENTRY_FILES.filter((file) => host.exists(join(host.root, file)))
  const key = keyOf(host)
  const cache = join(host.kept, 'compose-files.json')
  const kept = parse(host.read(cache))
  if (kept?.key === key) return kept.configs

  const configs = await Promise.all(entries.map((file) => resolveComposeFile(host, file)))
  keep(cache, JSON.stringify({ key, configs }))
  return configs
}

/** @param {string} file @param {string} text */
function keep(file, text) {
  try {
    mkdirSync(dirname(file), { recursive: true })
    // Renamed into place: another command may be reading it.
    writeFileSync(`${file}.${process.pid}`, text)
    renameSync(`${file}.${process.pid}`, file)
  } catch {
    // In a checkout that this user may not write to, Compose is asked again each time: slower, and just as right.
  }
}

/**
 * @param {import('../host/host.mjs').Host} host @returns {string} changes with every file and variable that Compose would
 * read
 */
function keyOf(host) {
  const texts = FOLDERS.flatMap((folder) => {
    const names = host.exists(join(host.root, folder)) ? readdirSync(join(host.root, folder)) : []
    return names
      .filter((name) => /\.ya?ml$|^\.env$/.test(name))
      .sort()
      .map((name) => [join(folder, name), readFileSync(join(host.root, folder, name), 'utf8')])
  })
  const variables = new Set(
    texts.flatMap(([, text]) =>
      Array.from(String(text).matchAll(/\$\{?([A-Z_][A-Z0-9_]*)/gi), ([, name]) => String(name)),
    ),
  )
  const values = [...variables].sort().map((name) => [name, host.env[name]])
  return createHash('sha256')
    .update(JSON.stringify([host.root, texts, values]))
    .digest('hex')
}

/**
 * What one Compose file builds, asked of Compose anew.
 * @param {import('../host/host.mjs').Host} host
 * @param {string} file relative to the program's root
 * @returns {Promise<ComposeConfig>}
 * @throws {EnvironmentError} when Compose refuses it
 */
export async function resolveComposeFile(host, file) {
  const args = [
    'compose',
    '-f',
    join(host.root, file),
    '--profile',
    '*',
    'config',
    '--format',
    'json',
    '--no-consistency',
  ]
  const { code, stdout, stderr } = await host.exec('docker', args, {
    limitMs: 30_000,
    cwd: host.root,
    env: { ...UNREAD, ...composeEnvironment(host.env, [host.root, dirname(join(host.root, file))]) },
  })
  if (code !== 0)
    throw new EnvironmentError(
      `Docker Compose cannot read ${file}: ${stderr.trim()}`,
      `fix ${file} or a file that it includes; git diff shows what changed`,
    )
  /** @type {ComposeConfig} */
  const { name, services = {}, secrets = {} } = JSON.parse(stdout)
  const building = Object.entries(services).filter(([, service]) => service.build !== undefined)
  return {
    name,
    services: Object.fromEntries(
      building.map(([service, { image, build }]) => [service, { ...(image && { image }), ...(build && { build }) }]),
    ),
    secrets,
  }
}

/** @param {string | undefined} json @returns {{ key: string, configs: ComposeConfig[] } | undefined} */
function parse(json) {
  try {
    return json === undefined ? undefined : JSON.parse(json)
  } catch {
    return undefined
  }
}
