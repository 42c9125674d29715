import { chmodSync, copyFileSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { EnvironmentError } from '../errors.mjs'
import { candidate, downloadFromRelease, installPackages, refreshLists } from '../host/apt.mjs'
import { must } from '../host/exec.mjs'
import { cannotInstall, distribution } from '../host/host.mjs'
import { isOlder } from '../host/version.mjs'

/** A folder in which every Docker client of the machine looks for plugins. */
const PLUGINS = '/usr/local/lib/docker/cli-plugins'

/**
 * `include` came with 2.20. 2.20.3 loses the passwords in what is included, and 2.24.0 to 2.24.5 do not find what an
 * included file extends: of those that were asked to read our files, 2.24.6 is the first from which on all do.
 */
const OLDEST = '2.24.6'

/**
 * @param {import('../host/host.mjs').Host} host
 * @returns {Promise<{ version: string } | { found: string, remedy: string }>} new enough, or what there is instead
 */
export async function findCompose(host) {
  const { code, stdout } = await host.exec('docker', ['compose', 'version', '--short'], { limitMs: 10_000 })
  const version = stdout.trim()
  if (code === 0 && version !== '' && !isOlder(version, OLDEST)) return { version }
  if (code === 0 && version !== '')
    return {
      found: `Docker Compose ${version} is too old: ${OLDEST} or newer is needed (for "include", and "extends" in what it includes)`,
      remedy:
        'update the Compose plugin: https://docs.docker.com/compose/install/linux/ (Docker Desktop brings it along)',
    }
  const old = host.which('docker-compose') !== undefined
  return {
    found: old
      ? 'only Compose v1 (the command docker-compose) is installed, v2 (docker compose) is needed'
      : 'Docker Compose v2 (docker compose) is not installed',
    remedy:
      'install the Compose plugin: https://docs.docker.com/compose/install/linux/ (Docker Desktop brings it along)',
  }
}

/**
 * @param {import('../host/host.mjs').Host} host
 * @returns {import('../step.mjs').Step}
 */
export function composeStep(host) {
  return {
    name: 'docker-compose',
    async check() {
      const compose = await findCompose(host)
      if ('version' in compose) return undefined
      if (cannotInstall(host) !== undefined) return compose
      return {
        ...compose,
        fix: {
          title: 'installing Docker Compose v2: needs root, changes this machine',
          run: (task) => installCompose(host, task),
        },
      }
    },
  }
}

/**
 * From the machine's own packages where they have one that is new enough, else Debian 13's plugin alone: one static
 * binary that runs on older releases.
 * @param {import('../host/host.mjs').Host} host
 * @param {import('../host/progress.mjs').Task} task
 */
async function installCompose(host, task) {
  await refreshLists(host, task)
  for (const name of ['docker-compose-plugin', 'docker-compose-v2', 'docker-compose']) {
    const version = await candidate(host, name)
    if (version === undefined || isOlder(version, OLDEST)) continue
    return installPackages(host, [name], task)
  }
  if (distribution(host).id !== 'debian')
    throw new EnvironmentError(
      `${distribution(host).name} has no package of Docker Compose ${OLDEST} or newer`,
      'install the Compose plugin: https://docs.docker.com/compose/install/linux/',
    )

  const folder = join(host.kept, 'apt')
  const deb = await downloadFromRelease(host, { release: 'trixie', name: 'docker-compose', folder, task })
  await must(host, 'dpkg-deb', ['-x', deb, join(folder, 'unpacked')], { limitMs: 60_000, task })
  mkdirSync(PLUGINS, { recursive: true })
  const plugin = join(PLUGINS, 'docker-compose')
  copyFileSync(join(folder, 'unpacked/usr/libexec/docker/cli-plugins/docker-compose'), plugin)
  chmodSync(plugin, 0o755)
  rmSync(folder, { recursive: true, force: true })
}
