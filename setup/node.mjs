import { dirname, join } from 'node:path'
import { must } from './exec.mjs'

/** The Node that TypeScript without a build step and the newest test tools ask for. */
export const NODE_MAJOR = 24
const NODE_PINNED = '24.21.0'

/**
 * Where Node 24 is, or will be once the step below has run. The platform's own package is taken instead of `node`:
 * that one fetches it in an install script, and npm is about to stop running those unasked.
 * @param {import('./host.mjs').Host} host
 * @returns {{ node: string, folder: string, package: string | undefined }} `package` is undefined when the host's own Node will do
 */
export function nodeFor(host) {
  if (major(host.nodeVersion) >= NODE_MAJOR) return { node: host.nodePath, folder: dirname(host.nodePath), package: undefined }
  const name = `node-linux-${host.arch}`
  const folder = join(host.root, '.blackstart', 'node', 'node_modules', name, 'bin')
  return { node: join(folder, 'node'), folder, package: `${name}@${NODE_PINNED}` }
}

/**
 * @param {import('./host.mjs').Host} host
 * @returns {import('./step.mjs').Step}
 */
export function nodeStep(host) {
  return {
    name: 'node',
    async check() {
      const wanted = nodeFor(host)
      // `npm` writes its hidden lock file last: without it the package may be half there.
      const complete = join(host.root, '.blackstart', 'node', 'node_modules', '.package-lock.json')
      if (wanted.package === undefined || (host.exists(wanted.node) && host.read(complete)?.includes(NODE_PINNED))) return undefined
      const found = `Node ${host.nodeVersion} is too old, ${NODE_MAJOR} or newer is needed`
      const remedy = `install Node ${NODE_MAJOR} (https://nodejs.org/download) and run the same command again`
      const served = host.platform === 'linux' && (host.arch === 'x64' || host.arch === 'arm64')
      if (!served) return { found, remedy }
      return {
        found,
        remedy,
        fix: { title: `fetching Node ${NODE_PINNED} for this checkout (190 MB in .blackstart/node; this machine's own stays as it is)`, run: fetchNode },
      }
    },
  }

  /** @param {import('./progress.mjs').Task} task */
  async function fetchNode(task) {
    const wanted = nodeFor(host)
    const prefix = join(host.root, '.blackstart', 'node')
    const args = ['install', '--prefix', prefix, String(wanted.package), '--no-audit', '--no-fund', '--loglevel=http']
    await must(host, 'npm', args, { limitMs: 10 * 60_000, task, cwd: host.root })
    // Proves more than that the file is there: on a musl system the binary exists and cannot run.
    await must(host, wanted.node, ['--version'], { limitMs: 10_000, task })
  }
}

/** @param {string} version @returns {number} */
function major(version) {
  return Number.parseInt(version, 10)
}
