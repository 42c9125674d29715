/**
 * @typedef {object} Pulled
 * @property {boolean} ok
 * @property {'no-registry' | 'refused' | 'full' | 'failed'} [why]
 * @property {string} [said] the client's last word
 */

/** A registry that is there names the image within a second or two; one behind a dropped route never does. */
const FIRST_WORD_MS = 20_000
const LIMIT_MS = 15 * 60_000

/**
 * Pulls an image, and gives up soon where no registry answers.
 * @param {import('../host/host.mjs').Host} host
 * @param {string} ref
 * @param {import('../host/progress.mjs').Task} task
 * @returns {Promise<Pulled>}
 */
export async function pull(host, ref, task) {
  const { code, stderr, timedOut } = await host.exec('docker', ['pull', ref], {
    limitMs: LIMIT_MS,
    firstLineMs: FIRST_WORD_MS,
    task,
  })
  if (code === 0) return { ok: true }
  const said = stderr.trim().split('\n').at(-1) ?? ''
  if (timedOut) return { ok: false, why: 'no-registry', said: said || `no answer within ${FIRST_WORD_MS / 1000} s` }
  return { ok: false, why: reasonIn(stderr), said }
}

/** @param {string} stderr @returns {NonNullable<Pulled['why']>} */
function reasonIn(stderr) {
  if (/no space left/i.test(stderr)) return 'full'
  if (/denied|unauthorized|forbidden|toomanyrequests|manifest unknown|not found|no matching manifest/i.test(stderr))
    return 'refused'
  if (
    /no such host|connection refused|timeout|timed out|unreachable|no route|proxyconnect|x509|TLS|EOF|server misbehaving|dial tcp/i.test(
      stderr,
    )
  )
    return 'no-registry'
  return 'failed'
}
