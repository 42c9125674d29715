/** The package as somebody else has it: packed here, installed in a folder of its own, and called there. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { globSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { ownerOfLock, takeLock } from '../chaos/host/file-lock.ts'
import { packageRoot } from '../chaos/roots.ts'
import { waitUntil } from '../chaos/wait.ts'

/** npm cannot reach a registry, and has not all packages in its cache. */
const offline = /ENOTCACHED|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH/

export interface Installed extends Disposable {
  /** A folder for this alone; the tarball is in it. */
  folder: string
  /** The user's project. */
  project: string
  /** The package, below the project's node_modules. */
  package: string
  /** Why there is no package: npm reaches no registry. */
  missing: string | undefined
}

/** Packs, and installs the tarball in a project; `files` are the user's own. */
export async function installPackage(files: Readonly<Record<string, string>>): Promise<Installed> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'blackstart-package-')))
  const project = join(folder, 'project')
  mkdirSync(project)
  for (const [name, text] of Object.entries(files)) writeFileSync(join(project, name), text)
  const installed = {
    folder,
    project,
    package: join(project, 'node_modules', 'blackstart'),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
  const packed = await pack(folder)
  if (packed.code !== 0) throw new Error(`npm pack: ${packed.stderr}`)
  const [tarball = ''] = globSync('*.tgz', { cwd: folder })
  const args = ['install', '--save-dev', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts']
  const added = await run('npm', [...args, join(folder, tarball)], project)
  if (added.code === 0) return { ...installed, missing: undefined }
  if (!offline.test(added.stderr)) throw new Error(`npm install: ${added.stderr}`)
  return { ...installed, missing: `npm reaches no registry: ${added.stderr.trim()}` }
}

/** One at a time: each builds dist/ anew, and two test runs may go on at once. */
async function pack(folder: string): Promise<Ended> {
  const path = join(packageRoot, '.blackstart', 'packing')
  mkdirSync(dirname(path), { recursive: true })
  using _lock = await waitUntil(
    async () => {
      const value = takeLock(path, 'the package')
      return value ? { done: true, value } : { done: false, seen: ownerOfLock(path)?.command ?? 'somebody packs' }
    },
    { until: 'no other test packs', limitMs: 240_000 },
  )
  return await run('npm', ['pack', '--pack-destination', folder], packageRoot)
}

export interface Ended {
  code: unknown
  stdout: string
  stderr: string
}

export function run(command: string, args: string[], cwd: string): Promise<Ended> {
  // Of this test run: what npm and Vitest tell their children, and the folders of other tests.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_|VITEST|BLACKSTART_|NODE_OPTIONS|NODE_ENV)/.test(name)),
  )
  return new Promise((resolve) => {
    execFile(command, args, { cwd, env, maxBuffer: 64 * 1024 ** 2 }, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stdout, stderr }),
    )
  })
}

/** Path → what is in the file, and whether it is a program. */
export function contentsOf(root: string): Map<string, string> {
  const files = globSync('**/*', { cwd: root, withFileTypes: true }).filter((entry) => entry.isFile())
  return new Map(
    files.map((entry) => {
      const path = join(entry.parentPath, entry.name)
      const hash = createHash('sha256').update(readFileSync(path)).digest('hex')
      return [path.slice(root.length + 1), `${hash} ${(statSync(path).mode & 0o100) === 0 ? '' : 'program'}`]
    }),
  )
}
