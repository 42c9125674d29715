import { isIP } from 'node:net'

const ASK_LIMIT_MS = 5000

/**
 * Where the engine listens: DOCKER_HOST, or what a chosen context leads to.
 * @param {import('../host/host.mjs').Host} host
 * @param {string | undefined} context
 * @returns {Promise<string | undefined>} undefined for the engine's usual place
 */
export async function addressOf(host, context) {
  if (host.env['DOCKER_HOST']) return host.env['DOCKER_HOST']
  if (context === undefined) return undefined
  const { stdout } = await host.exec(
    'docker',
    ['context', 'inspect', context, '--format', '{{.Endpoints.docker.Host}}'],
    { limitMs: ASK_LIMIT_MS },
  )
  return stdout.trim() || undefined
}

/**
 * Whether an address leads to another machine, where published ports, bind mounts and processes are not ours to reach.
 * @param {string | undefined} address
 * @returns {boolean} what is neither a socket nor loopback counts, this machine's own name included: a world is entered
 * by 127.0.0.1
 */
export function isElsewhere(address) {
  if (!address) return false
  // Without a scheme the client takes it for TCP.
  const [, scheme = '', rest = ''] =
    /^(?:(\w+):\/\/)?(.*)$/.exec(address.includes('://') ? address : `tcp://${address}`) ?? []
  if (scheme === 'ssh') return true
  if (!['tcp', 'http', 'https'].includes(scheme)) return false
  const name = /^\[(.*?)\]/.exec(rest)?.[1] ?? rest.split(/[:/]/)[0] ?? ''
  return !(['', 'localhost', '::1', '0.0.0.0', '::'].includes(name) || (isIP(name) === 4 && name.startsWith('127.')))
}
