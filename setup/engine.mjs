import { cannotInstall, distribution } from './host.mjs'

/** Engine 20.10 speaks API 1.41; the cgroup namespaces and BuildKit features that the world needs came with it. */
const OLDEST_API = '1.41'
export const ANSWER_WITHIN_MS = 5000

/**
 * @typedef {object} EngineFound
 * @property {'ready' | 'no-client' | 'no-engine' | 'stopped' | 'elsewhere' | 'refused' | 'silent' | 'too-old' | 'client-mismatch' | 'podman'} state
 * @property {string} found
 * @property {string} remedy
 * @property {string} [version]
 * @property {string} [context] the client's context, when it is not the default one
 */

/**
 * Asks the engine for its version and says which of the ways to fail this is: each has another remedy.
 * @param {import('./host.mjs').Host} host
 * @returns {Promise<EngineFound>}
 */
export async function findEngine(host) {
  const answer = await host.exec('docker', ['version', '--format', '{{json .}}'], { limitMs: ANSWER_WITHIN_MS })
  if (answer.missing) return noClient(host)
  if (answer.timedOut)
    return {
      state: 'silent',
      found: `the Docker engine${address(host)} did not answer within ${ANSWER_WITHIN_MS / 1000} s`,
      remedy: host.env['DOCKER_HOST']
        ? 'see whether that address is right and reachable'
        : 'it hangs: look at its log and restart it (systemctl restart docker, or Docker Desktop)',
    }
  const { server, context } = parse(answer.stdout)
  if (server !== undefined) return judgeVersion(server, context)
  return whyNoServer(host, answer.stderr, context)
}

/** @param {import('./host.mjs').Host} host @returns {EngineFound} */
function noClient(host) {
  const installed = host.which('dockerd') !== undefined
  return {
    state: 'no-client',
    found: installed ? 'the Docker engine is installed, but its command line client (docker) is not' : 'Docker is not installed',
    remedy: installed ? 'install the client (Debian: apt-get install docker-cli)' : howToInstall(host),
  }
}

/** @param {import('./host.mjs').Host} host @param {string} stderr @param {string | undefined} context @returns {EngineFound} */
function whyNoServer(host, stderr, context) {
  const said = stderr.trim().split('\n').at(-1) ?? ''
  if (/podman/i.test(stderr))
    return {
      state: 'podman',
      found: 'the command docker is Podman here',
      remedy: 'install Docker Engine: faults need an engine whose containers Blackstart can freeze and kill',
    }
  if (/permission denied/i.test(stderr))
    return {
      state: 'refused',
      found: `the Docker engine runs, but refuses this user (${said})`,
      remedy: 'join its group (sudo usermod -aG docker "$USER", then log in again), or run the same command with sudo',
    }
  if (/client version .* is too (old|new)/i.test(stderr))
    return { state: 'client-mismatch', found: `the Docker client and engine do not understand each other (${said})`, remedy: 'update the older of the two' }
  if (host.env['DOCKER_HOST'] || context !== undefined)
    return {
      state: 'elsewhere',
      found: `no Docker engine answers${address(host, context)} (${said})`,
      remedy: host.env['DOCKER_HOST'] ? 'start that engine, or unset DOCKER_HOST to use the one of this machine' : 'start that engine, or choose another one: docker context use default',
    }
  if (host.platform !== 'linux')
    return { state: 'stopped', found: `the Docker engine is not running (${said})`, remedy: 'start Docker Desktop (or colima, OrbStack) and run the same command again' }
  if (host.which('dockerd') === undefined)
    return { state: 'no-engine', found: 'there is a Docker client, but no engine is installed', remedy: howToInstall(host) }
  return {
    state: 'stopped',
    found: `the Docker engine is installed but not running (${said})`,
    remedy: 'start it: sudo systemctl start docker, or where there is no systemd: sudo dockerd &',
  }
}

/** @param {{ version: string, api: string }} server @param {string | undefined} context @returns {EngineFound} */
function judgeVersion(server, context) {
  const engine = { version: server.version, ...(context === undefined ? {} : { context }) }
  if (isOlder(server.api, OLDEST_API))
    return {
      ...engine,
      state: 'too-old',
      found: `Docker Engine ${server.version} (API ${server.api}) is too old`,
      remedy: `update it to 20.10 or newer (API ${OLDEST_API}): https://docs.docker.com/engine/install/`,
    }
  return { ...engine, state: 'ready', found: `Docker Engine ${server.version}, API ${server.api}`, remedy: '' }
}

/** @param {string} a @param {string} b @returns {boolean} whether version a is older than b */
function isOlder(a, b) {
  return a.localeCompare(b, 'en', { numeric: true }) < 0
}

/** @param {string} json @returns {{ server?: { version: string, api: string }, context?: string }} */
function parse(json) {
  try {
    const { Server, Client } = JSON.parse(json)
    const context = Client?.Context && Client.Context !== 'default' ? { context: Client.Context } : {}
    return Server ? { server: { version: String(Server.Version), api: String(Server.ApiVersion) }, ...context } : context
  } catch {
    return {}
  }
}

/** @param {import('./host.mjs').Host} host @param {string} [context] */
function address(host, context) {
  if (host.env['DOCKER_HOST']) return ` at DOCKER_HOST=${host.env['DOCKER_HOST']}`
  return context === undefined ? '' : ` in the Docker context "${context}"`
}

/** @param {import('./host.mjs').Host} host @returns {string} */
function howToInstall(host) {
  if (host.platform !== 'linux') return 'install and start Docker Desktop (https://docs.docker.com/desktop/), colima or OrbStack'
  const where = 'https://docs.docker.com/engine/install/'
  if (!distribution(host).isDebianLike) return `install Docker Engine 20.10 or newer with Compose v2 (${where}) and start it`
  const why = cannotInstall(host)
  return why === undefined
    ? 'npm run demo installs it by itself'
    : `run the same command once as root, and it installs it (here it does not: ${why}), or install Docker Engine and Compose yourself: ${where}`
}
