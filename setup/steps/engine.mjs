import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { findEngine } from '../docker/engine.mjs'
import { EnvironmentError } from '../errors.mjs'
import { candidate, installPackages } from '../host/apt.mjs'
import { must } from '../host/exec.mjs'
import { cannotInstall, isForbidden } from '../host/host.mjs'

const START_LIMIT_MS = 30_000

/**
 * @param {import('../host/host.mjs').Host} host
 * @returns {import('../step.mjs').Step}
 */
export function engineStep(host) {
  return {
    name: 'docker-engine',
    async check() {
      const engine = await findEngine(host)
      if (engine.state === 'ready') {
        // Engines behind a Docker context (Docker Desktop, colima) listen elsewhere than the default socket. The client
        // finds them; libraries that speak to the socket themselves need the address.
        if (engine.address !== undefined) host.env['DOCKER_HOST'] = engine.address
        return undefined
      }
      return { found: engine.found, remedy: engine.remedy, ...fixFor(host, engine.state) }
    },
  }
}

/** @param {import('../host/host.mjs').Host} host @param {import('../docker/engine.mjs').EngineFound['state']} state */
function fixFor(host, state) {
  if (state === 'no-client' || state === 'no-engine') {
    if (cannotInstall(host) !== undefined) return {}
    const title = 'installing Docker Engine (Debian packages docker.io, iptables): needs root, changes this machine'
    return { fix: { title, run: installEngine(host) } }
  }
  if (state === 'stopped' && host.platform === 'linux' && host.uid === 0 && !isForbidden(host))
    return { fix: { title: 'starting the Docker engine', run: startEngine(host) } }
  return {}
}

/**
 * Installs Debian's engine and starts it, unless its package has done so.
 * @param {import('../host/host.mjs').Host} host
 * @returns {(task: import('../host/progress.mjs').Task) => Promise<void>}
 */
export function installEngine(host) {
  return async (task) => {
    const wanted = ['docker.io', 'iptables']
    await installPackages(host, wanted, task)
    // Debian 13 split the client off; Debian 12 has it inside docker.io.
    if (host.which('docker') === undefined && (await candidate(host, 'docker-cli')) !== undefined)
      await installPackages(host, ['docker-cli'], task)
    const { state } = await findEngine(host)
    if (state === 'stopped') await startEngine(host)(task)
  }
}

/**
 * Starts an engine that is installed: through systemd where it runs, else by hand, and leaves it running.
 * @param {import('../host/host.mjs').Host} host
 * @param {{ arguments?: string[], pidFiles?: string[] }} [options] for engines that must not meet the machine's own
 * @returns {(task: import('../host/progress.mjs').Task) => Promise<void>}
 */
export function startEngine(host, options = {}) {
  return async (task) => {
    if (host.exists('/run/systemd/system')) {
      await must(host, 'systemctl', ['start', 'docker'], { limitMs: 60_000, task })
      return
    }
    for (const file of options.pidFiles ?? ['/var/run/docker.pid', '/var/run/docker/containerd/containerd.pid'])
      clearStalePid(host, file)
    const log = join(host.kept, 'logs', 'dockerd.log')
    mkdirSync(join(host.kept, 'logs'), { recursive: true })
    // The engine gets a lower priority than the world's nodes. Where cores are short, each of its threads would weigh as
    // much as a whole region, and a region that returns is many starts.
    const engine = host.startDetached('nice', ['-n', '5', 'dockerd', ...(options.arguments ?? [])], {
      env: host.env,
      log,
    })
    task.line(`dockerd is process ${engine.pid} (log: ${log}); it goes on after this command ends`)
    await awaitEngine(host, engine, log)
  }
}

/**
 * @param {import('../host/host.mjs').Host} host
 * @param {{ ended: () => string | undefined }} engine
 * @param {string} log
 */
async function awaitEngine(host, engine, log) {
  const startedMs = host.nowMs()
  for (;;) {
    const { state, found } = await findEngine(host)
    if (state === 'ready' || state === 'too-old') return
    const ended = engine.ended()
    const waitedS = ((host.nowMs() - startedMs) / 1000).toFixed(1)
    const what = ended
      ? `dockerd ${ended} after ${waitedS} s`
      : `gave up after ${waitedS} s waiting until dockerd answered on its socket; last seen: ${found}`
    if (ended !== undefined || host.nowMs() - startedMs > START_LIMIT_MS)
      throw new EnvironmentError(
        `${what}${lastLines(host, log)}`,
        `start it by hand and look at what it says: dockerd (whole log: ${log}). In a container it needs --privileged`,
      )
    await host.sleep(250)
  }
}

/**
 * After a crash or a reboot another program may have the process id that a pid file names. dockerd would then refuse to
 * start, or would wait for a containerd that is not one.
 * @param {import('../host/host.mjs').Host} host
 * @param {string} file
 */
function clearStalePid(host, file) {
  const pid = host.read(file)?.trim()
  if (!pid) return
  const name = host.read(`/proc/${pid}/comm`)?.trim()
  if (name !== 'dockerd' && name !== 'containerd') rmSync(file, { force: true })
}

/** @param {import('../host/host.mjs').Host} host @param {string} log @returns {string} */
function lastLines(host, log) {
  const lines = (host.read(log) ?? '').trimEnd().split('\n').slice(-20)
  return `\n  its last lines:\n${lines.map((line) => `    | ${line}`).join('\n')}`
}
