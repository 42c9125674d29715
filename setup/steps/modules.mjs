import { delimiter, join } from 'node:path'
import { must } from '../host/exec.mjs'
import { nodeFor } from './node.mjs'

/**
 * @param {import('../host/host.mjs').Host} host
 * @returns {import('../step.mjs').Step}
 */
export function modulesStep(host) {
  return {
    name: 'npm-ci',
    async check() {
      // npm installed them with the package.
      if (host.isInstalled) return undefined
      const difference = whatDiffers(
        host.read(join(host.root, 'package-lock.json')),
        host.read(join(host.root, 'node_modules', '.package-lock.json')),
      )
      if (difference === undefined) return undefined
      return {
        found: `node_modules is not what package-lock.json asks for: ${difference}`,
        remedy: 'run npm ci with Node 24',
        fix: { title: 'installing the npm packages of package-lock.json (npm ci)', run: install },
      }
    },
  }

  /** @param {import('../host/progress.mjs').Task} task */
  async function install(task) {
    // Node 24 comes first on the PATH, so that packages which refuse older ones meet the one they will run on.
    const env = { PATH: `${nodeFor(host).folder}${delimiter}${host.env['PATH']}` }
    // No package needs its install script. The existing ones compile optional speed-ups, which takes a compiler and
    // half of the time.
    const args = ['ci', '--include=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=http']
    await must(host, 'npm', args, { limitMs: 10 * 60_000, task, env, cwd: host.root })
  }
}

/**
 * Compares what is wanted with npm's own note of what it installed, written as the last act of an installation.
 * So a package that a developer installed by hand is noticed, and an interrupted installation is not taken for a whole
 * one.
 * @param {string | undefined} wantedJson package-lock.json
 * @param {string | undefined} installedJson node_modules/.package-lock.json
 * @returns {string | undefined} the first difference
 */
export function whatDiffers(wantedJson, installedJson) {
  if (wantedJson === undefined) return 'there is no package-lock.json'
  if (installedJson === undefined) return 'nothing is installed'
  const wanted = packagesOf(wantedJson)
  const installed = packagesOf(installedJson)
  for (const [path, entry] of Object.entries(wanted)) {
    const there = installed[path]
    // Packages of other platforms are in the lock, and are not installed here.
    if (there === undefined && (entry.optional || entry.devOptional || entry.os || entry.cpu)) continue
    if (there === undefined) return `${path} is missing`
    if (there.version !== entry.version || there.integrity !== entry.integrity)
      return `${path} is ${there.version} instead of ${entry.version}`
  }
  const extra = Object.keys(installed).find((path) => wanted[path] === undefined)
  return extra && `${extra} is not in the lock`
}

/**
 * @typedef {{ version?: string, integrity?: string, optional?: boolean, devOptional?: boolean, os?: string[], cpu?:
 * string[] }} LockedPackage
 * @param {string} json
 * @returns {Record<string, LockedPackage>}
 */
function packagesOf(json) {
  try {
    // Entries outside node_modules are this project and its workspaces: nothing installs them.
    const entries = Object.entries(JSON.parse(json).packages ?? {})
    return Object.fromEntries(entries.filter(([path]) => path.includes('node_modules/')))
  } catch {
    // Cut off while it was written: treated as empty.
    return {}
  }
}
