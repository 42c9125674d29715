import * as fs from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isInstalled } from '../roots.mjs'
import { commandRunner, startDetached } from './exec.mjs'

/**
 * All that set-up may see or touch of this machine. Everything goes through it, so that tests can replace the machine.
 * @typedef {object} Host
 * @property {string} root where the package lies
 * @property {string} work where the user works: runs/, .env, the worlds' state
 * @property {string} kept where set-up keeps what it fetches, its logs and its lock: in the checkout; of an installed
 * package where the user works
 * @property {boolean} isInstalled whether npm put the package there, and nothing may be written to it
 * @property {NodeJS.Platform} platform
 * @property {string} arch
 * @property {number} uid -1 where there are no user ids
 * @property {string} nodeVersion of the Node that runs set-up
 * @property {string} nodePath
 * @property {number} cores
 * @property {number} totalMemory in bytes
 * @property {Record<string, string | undefined>} env of everything started from here; steps add to it
 * @property {(path: string) => string | undefined} read
 * @property {(path: string) => boolean} exists
 * @property {(path: string) => { isLink: boolean, mode: number } | undefined} lstat of the path itself, wherever it may
 * lead
 * @property {(command: string) => string | undefined} which the full path of a command
 * @property {(path: string) => number | undefined} freeBytes of the file system that holds the path
 * @property {(ms: number) => Promise<unknown>} sleep
 * @property {() => number} nowMs
 * @property {import('./exec.mjs').Exec} exec
 * @property {typeof startDetached} startDetached
 */

// An engine installed a moment ago lives in sbin, which is not on every user's PATH.
const SYSTEM_PATHS = ['/usr/local/sbin', '/usr/sbin', '/sbin']

/**
 * @param {string} root where the package lies
 * @param {AbortSignal} stop
 * @param {string} [work] where the user works
 * @returns {Host}
 */
export function thisMachine(root, stop, work = root) {
  /** @type {Record<string, string | undefined>} */
  const env = { ...process.env }
  const path = (env['PATH'] ?? '').split(delimiter)
  env['PATH'] = [...path, ...SYSTEM_PATHS.filter((folder) => !path.includes(folder))].join(delimiter)
  // Images are pulled and built for this machine's own platform, since they run here.
  delete env['DOCKER_DEFAULT_PLATFORM']
  // Compose reads the bundle as a build secret: behind a proxy that inspects TLS, a build knows only the host's
  // authorities.
  env['BLACKSTART_CA'] ??= caBundle(env, fs.existsSync)
  return {
    root,
    work,
    kept: join(isInstalled(root) ? work : root, '.blackstart'),
    isInstalled: isInstalled(root),
    platform: process.platform,
    arch: process.arch,
    uid: process.getuid?.() ?? -1,
    nodeVersion: process.versions.node,
    nodePath: process.execPath,
    cores: cpus().length,
    totalMemory: totalmem(),
    env,
    read: readOrNothing,
    exists: fs.existsSync,
    lstat: (path) => {
      const found = fs.lstatSync(path, { throwIfNoEntry: false })
      return found && { isLink: found.isSymbolicLink(), mode: found.mode }
    },
    which: (command) => findOnPath(command, env['PATH'] ?? ''),
    freeBytes,
    sleep,
    nowMs: () => performance.now(),
    exec: commandRunner(env, stop),
    startDetached,
  }
}

/**
 * @param {Record<string, string | undefined>} env
 * @param {(path: string) => boolean} exists
 * @returns {string | undefined} the file with this machine's certificate authorities
 */
export function caBundle(env, exists) {
  const usual = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt', '/etc/ssl/cert.pem']
  return [env['SSL_CERT_FILE'], ...usual].find((path) => path !== undefined && path !== '' && exists(path))
}

/**
 * @param {Host} host
 * @returns {{ id: string, name: string, isDebianLike: boolean }}
 */
export function distribution(host) {
  const release = host.read('/etc/os-release') ?? ''
  /** @param {string} key */
  const field = (key) => release.match(new RegExp(`^${key}="?([^"\n]*)"?$`, 'm'))?.[1] ?? ''
  const ids = [field('ID'), ...field('ID_LIKE').split(' ')]
  const name = field('PRETTY_NAME') || host.platform
  return { id: field('ID'), name, isDebianLike: ids.includes('debian') || ids.includes('ubuntu') }
}

/**
 * Whether set-up may install system packages here, and if not, why.
 * @param {Host} host
 * @returns {string | undefined} the reason why not
 */
export function cannotInstall(host) {
  if (isForbidden(host)) return 'BLACKSTART_INSTALL=never forbids changing this machine'
  if (host.platform !== 'linux') return `this is ${host.platform}, not Linux`
  if (!distribution(host).isDebianLike) return `${distribution(host).name} is neither Debian nor Ubuntu`
  if (host.uid !== 0) return 'installing packages needs root'
  if (host.which('apt-get') === undefined) return 'there is no apt-get'
  return undefined
}

/**
 * @param {Host} host @returns {boolean} whether the user forbade changes to this machine: nothing is installed, and no
 * engine is started
 */
export function isForbidden(host) {
  return host.env['BLACKSTART_INSTALL'] === 'never'
}

/** @param {string} path @returns {string | undefined} */
function readOrNothing(path) {
  try {
    return fs.readFileSync(path, 'utf8')
  } catch {
    // For the checks, a file that cannot be read is the same as a missing one.
    return undefined
  }
}

/** @param {string} command @param {string} path @returns {string | undefined} */
function findOnPath(command, path) {
  return path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, command))
    .find((file) => {
      try {
        fs.accessSync(file, fs.constants.X_OK)
        return true
      } catch {
        return false
      }
    })
}

/** @param {string} path @returns {number | undefined} */
function freeBytes(path) {
  try {
    // Node 18 before 18.15 has no statfs: then the free space is not known, and not checked.
    const { bavail, bsize } = fs.statfsSync(path)
    return bavail * bsize
  } catch {
    return undefined
  }
}
