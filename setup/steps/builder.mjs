import { EnvironmentError } from '../errors.mjs'
import { candidate, installPackages } from '../host/apt.mjs'
import { cannotInstall } from '../host/host.mjs'
import { isOlder } from '../host/version.mjs'
import { findCompose } from './compose.mjs'

/**
 * Compose up to 2.40 has a builder of its own. From 5 on it builds by buildx alone, and this is the oldest one that it
 * takes.
 */
const WITHOUT_ITS_OWN = '5'
const OLDEST_BUILDX = '0.17'
const WHERE = 'https://github.com/docker/buildx#installing'

/**
 * Looked at only where something is to be built.
 * @param {import('../host/host.mjs').Host} host
 * @returns {import('../step.mjs').Step}
 */
export function builderStep(host) {
  return {
    name: 'docker-buildx',
    async check() {
      const compose = await findCompose(host)
      if (!('version' in compose) || isOlder(compose.version, WITHOUT_ITS_OWN)) return undefined
      const { code, stdout } = await host.exec('docker', ['buildx', 'version'], { limitMs: 10_000 })
      const version = code === 0 ? stdout.match(/\bv?(\d+\.\d+\.\d+)/)?.[1] : undefined
      if (version !== undefined && !isOlder(version, OLDEST_BUILDX)) return undefined
      const missing = {
        found: `Docker Compose ${compose.version} builds images through buildx ${OLDEST_BUILDX} or newer, and ${version === undefined ? 'there is none' : `this one is ${version}`}`,
        remedy: `install the buildx plugin: ${WHERE}`,
      }
      if (cannotInstall(host) !== undefined) return missing
      return {
        ...missing,
        fix: { title: 'installing buildx: needs root, changes this machine', run: (task) => installBuildx(host, task) },
      }
    },
  }
}

/** @param {import('../host/host.mjs').Host} host @param {import('../host/progress.mjs').Task} task */
async function installBuildx(host, task) {
  for (const name of ['docker-buildx-plugin', 'docker-buildx']) {
    const version = await candidate(host, name)
    if (version !== undefined && !isOlder(version, OLDEST_BUILDX)) return installPackages(host, [name], task)
  }
  throw new EnvironmentError(
    `this machine has no package of buildx ${OLDEST_BUILDX} or newer`,
    `install the buildx plugin: ${WHERE}`,
  )
}
