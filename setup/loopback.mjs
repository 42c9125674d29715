/** Everything that Blackstart connects to is on this machine. */
const LOOPBACK = ['127.0.0.1', 'localhost', '::1']

/**
 * What to add to an environment in which Node may ask proxies (`NODE_USE_ENV_PROXY`, `--use-env-proxy`), so that this
 * machine is asked directly. Requests to other machines are not changed.
 * @param {Record<string, string | undefined>} env
 * @returns {{ NO_PROXY: string, no_proxy: string }} in both spellings: programs differ in which one they heed
 */
export function askLoopbackDirectly(env) {
  const list = [env['NO_PROXY'], env['no_proxy'], ...LOOPBACK]
    .flatMap((names) => names?.split(',') ?? [])
    .map((name) => name.trim())
  const names = [...new Set(list)].filter(Boolean).join(',')
  return { NO_PROXY: names, no_proxy: names }
}
