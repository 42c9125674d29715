import { cannotInstall, distribution } from '../host/host.mjs'
import { isOlder } from '../host/version.mjs'
import { setUpCommand } from '../needs.mjs'
import { addressOf, isElsewhere } from './address.mjs'

/** Engine 20.10 speaks API 1.41; the cgroup namespaces and BuildKit features that the world needs came with it. */
const OLDEST_API = '1.41'
const ANSWER_WITHIN_MS = 5000

/**
 * @typedef {object} EngineFound
 * @property {'ready' | 'no-client' | 'no-engine' | 'stopped' | 'elsewhere' | 'refused' | 'silent' | 'too-old' |
 * 'client-mismatch' | 'podman' | 'far'} state
 * @property {string} found
 * @property {string} remedy
 * @property {string} [version]
 * @property {string} [address] where it listens, when that is not the usual place
 */

/**
 * Asks the engine for its version and says which of the ways to fail this is: each has another remedy.
 * @param {import('../host/host.mjs').Host} host
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
  if (server !== undefined) return judge(host, server, await addressOf(host, context))
  return whyNoServer(host, answer.stderr, context)
}

/** @param {import('../host/host.mjs').Host} host @returns {EngineFound} */
function noClient(host) {
  const installed = host.which('dockerd') !== undefined
  return {
    state: 'no-client',
    found: installed
      ? 'the Docker engine is installed, but its command line client (docker) is not'
      : 'Docker is not installed',
    remedy: installed ? 'install the client (Debian: apt-get install docker-cli)' : howToInstall(host),
  }
}

/**
 * @param {import('../host/host.mjs').Host} host @param {string} stderr @param {string | undefined} context @returns
 * {Promise<EngineFound>}
 */
async function whyNoServer(host, stderr, context) {
  const said = stderr.trim().split('\n').at(-1) ?? ''
  // Podman in Docker's place says so unless that was switched off; its version does in any case.
  const client = /podman/i.test(stderr)
    ? stderr
    : (await host.exec('docker', ['--version'], { limitMs: ANSWER_WITHIN_MS })).stdout
  if (/podman/i.test(client))
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
  if (/client version .* is too (old|new)/i.test(stderr) && host.env['DOCKER_API_VERSION'])
    return {
      state: 'client-mismatch',
      found: `DOCKER_API_VERSION=${host.env['DOCKER_API_VERSION']} is set, and this Docker engine does not speak it (${said})`,
      remedy: 'unset DOCKER_API_VERSION: client and engine then agree on a version by themselves',
    }
  if (/client version .* is too (old|new)/i.test(stderr))
    return {
      state: 'client-mismatch',
      found: `the Docker client and engine do not understand each other (${said})`,
      remedy: 'update the older of the two',
    }
  if (host.env['DOCKER_HOST'] || context !== undefined)
    return {
      state: 'elsewhere',
      found: `no Docker engine answers${address(host, context)} (${said})`,
      remedy: host.env['DOCKER_HOST']
        ? 'start that engine, or unset DOCKER_HOST to use the one of this machine'
        : 'start that engine, or choose another one: docker context use default',
    }
  if (host.platform !== 'linux')
    return {
      state: 'stopped',
      found: `the Docker engine is not running (${said})`,
      remedy: 'start Docker Desktop (or colima, OrbStack) and run the same command again',
    }
  if (host.which('dockerd') === undefined)
    return {
      state: 'no-engine',
      found: 'there is a Docker client, but no engine is installed',
      remedy: howToInstall(host),
    }
  return {
    state: 'stopped',
    found: `the Docker engine is installed but not running (${said})`,
    remedy: 'start it: sudo systemctl start docker, or where there is no systemd: sudo dockerd &',
  }
}

/**
 * An engine that answers, and whether a world can be brought up on it.
 * @param {import('../host/host.mjs').Host} host
 * @param {Server} server
 * @param {string | undefined} address
 * @returns {EngineFound}
 */
function judge(host, server, address) {
  const engine = { version: server.version, ...(address === undefined ? {} : { address }) }
  if (server.isPodman)
    return {
      ...engine,
      state: 'podman',
      found: `Podman ${server.version} answers${address === undefined ? '' : ` at ${address}`} in place of a Docker engine, and is not supported: it has no BuildKit, which builds the images, and no fault was ever tested on it`,
      remedy: `use Docker Engine 20.10 or newer${host.env['DOCKER_HOST'] ? ', and unset DOCKER_HOST or let it lead there' : ''}: https://docs.docker.com/engine/install/`,
    }
  if (isElsewhere(address))
    return {
      ...engine,
      state: 'far',
      found: `Docker Engine ${server.version} is on another machine (${address}): a world's ports, on 127.0.0.1, its files and its processes would be over there`,
      remedy: `run this command on that machine, or use an engine here: ${host.env['DOCKER_HOST'] ? 'unset DOCKER_HOST' : 'docker context use default'}`,
    }
  const forced = host.env['DOCKER_API_VERSION']
  if (forced && isOlder(forced, OLDEST_API))
    return {
      ...engine,
      state: 'client-mismatch',
      found: `DOCKER_API_VERSION=${forced} is set, which is too old: ${OLDEST_API} or newer is needed`,
      remedy: 'unset DOCKER_API_VERSION: client and engine then agree on a version by themselves',
    }
  if (isOlder(server.api, OLDEST_API))
    return {
      ...engine,
      state: 'too-old',
      found: `Docker Engine ${server.version} (API ${server.api}) is too old`,
      remedy: `update it to 20.10 or newer (API ${OLDEST_API}): https://docs.docker.com/engine/install/`,
    }
  return { ...engine, state: 'ready', found: `Docker Engine ${server.version}, API ${server.api}`, remedy: '' }
}

/**
 * @typedef {{ version: string, api: string, isPodman: boolean }} Server
 * @param {string} json
 * @returns {{ server?: Server, context?: string }} the context when it is not the default one
 */
function parse(json) {
  try {
    const { Server, Client } = JSON.parse(json)
    const context = Client?.Context && Client.Context !== 'default' ? { context: Client.Context } : {}
    if (!Server) return context
    /** @type {{ Name?: string }[]} */
    const components = Server.Components ?? []
    const isPodman = components.some(({ Name }) => /podman/i.test(Name ?? ''))
    return { server: { version: String(Server.Version), api: String(Server.ApiVersion), isPodman }, ...context }
  } catch {
    return {}
  }
}

/** @param {import('../host/host.mjs').Host} host @param {string} [context] */
function address(host, context) {
  if (host.env['DOCKER_HOST']) return ` at DOCKER_HOST=${host.env['DOCKER_HOST']}`
  return context === undefined ? '' : ` in the Docker context "${context}"`
}

/** @param {import('../host/host.mjs').Host} host @returns {string} */
function howToInstall(host) {
  if (host.platform !== 'linux')
    return 'install and start Docker Desktop (https://docs.docker.com/desktop/), colima or OrbStack'
  const where = 'https://docs.docker.com/engine/install/'
  if (!distribution(host).isDebianLike)
    return `install Docker Engine 20.10 or newer with Compose v2 (${where}) and start it`
  const why = cannotInstall(host)
  return why === undefined
    ? `${setUpCommand(host)} installs it by itself`
    : `run the same command once as root, and it installs it (here it does not: ${why}), or install Docker Engine and Compose yourself: ${where}`
}
