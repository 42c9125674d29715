import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { must } from './exec.mjs'

const LIMIT_MS = 10 * 60_000
// An unattended upgrade may hold the lock on a machine that has just booted.
const PATIENT = ['-o', 'DPkg::Lock::Timeout=120', '-o', 'Acquire::Retries=3']
const QUIET = { DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' }

/** dpkg takes one at a time. Steps run side by side, so they queue here. @type {WeakMap<object, Promise<unknown>>} */
const queue = new WeakMap()
/** Hosts whose package lists are fresh. @type {WeakSet<object>} */
const updated = new WeakSet()

/**
 * @param {import('./host.mjs').Host} host
 * @param {string[]} packages
 * @param {import('./progress.mjs').Task} task
 */
export function installPackages(host, packages, task) {
  return inTurn(host, async () => {
    await updateLists(host, task)
    const args = ['install', '-y', '--no-install-recommends', ...PATIENT, ...packages]
    const options = { limitMs: LIMIT_MS, task, env: QUIET, finish: true }
    const first = await host.exec('apt-get', args, options)
    if (first.code === 0) return
    // A machine that lost its power, or a Ctrl-C, in the middle of an installation asks for this one command.
    if (/dpkg was interrupted/.test(first.stderr + first.stdout))
      await must(host, 'dpkg', ['--configure', '-a'], options)
    await must(host, 'apt-get', args, options)
  })
}

/**
 * @param {import('./host.mjs').Host} host
 * @param {string} name
 * @returns {Promise<string | undefined>} the version that the machine's own sources would install
 */
export async function candidate(host, name) {
  const { stdout } = await host.exec('apt-cache', ['policy', name], { limitMs: 30_000, env: QUIET })
  const version = stdout.match(/^ *Candidate: *(\S+)/m)?.[1]
  return version === '(none)' ? undefined : version
}

/**
 * @param {import('./host.mjs').Host} host
 * @param {import('./progress.mjs').Task} task
 */
export async function refreshLists(host, task) {
  await inTurn(host, () => updateLists(host, task))
}

/**
 * Downloads one package of a Debian release that is not the machine's. Lists and cache are separate, so that nothing of
 * that release can reach the machine's packages.
 * @param {import('./host.mjs').Host} host
 * @param {{ release: string, name: string, folder: string, task: import('./progress.mjs').Task }} what `folder` is
 * emptied first
 * @returns {Promise<string>} the .deb file
 */
export async function downloadFromRelease(host, { release, name, folder, task }) {
  rmSync(folder, { recursive: true, force: true })
  for (const part of ['lists/partial', 'cache/archives/partial', 'deb'])
    mkdirSync(join(folder, part), { recursive: true })
  const sources = join(folder, 'sources.list')
  writeFileSync(
    sources,
    `deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${debianMirror(host)} ${release} main\n`,
  )
  const isolated = [
    ...['-o', `Dir::Etc::sourcelist=${sources}`, '-o', 'Dir::Etc::sourceparts=-'],
    ...['-o', `Dir::State::lists=${join(folder, 'lists')}`, '-o', `Dir::Cache=${join(folder, 'cache')}`],
    // The folder belongs to root; the sandbox user could not write there and apt would complain about it.
    ...['-o', 'APT::Sandbox::User=root', '-o', 'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false'],
  ]
  const options = { limitMs: LIMIT_MS, task, env: QUIET }
  await must(host, 'apt-get', [...isolated, 'update'], options)
  await must(host, 'apt-get', [...isolated, 'download', name], { ...options, cwd: join(folder, 'deb') })
  const file = readdirSync(join(folder, 'deb')).find((entry) => entry.endsWith('.deb'))
  if (file === undefined) throw new Error(`apt-get download ${name} ended well and left no file in ${folder}/deb`)
  return join(folder, 'deb', file)
}

/**
 * The Debian mirror that this machine uses already: it is reachable, others may not be.
 * @param {import('./host.mjs').Host} host
 * @returns {string}
 */
export function debianMirror(host) {
  const sources = ['/etc/apt/sources.list', '/etc/apt/sources.list.d/debian.sources']
    .map((file) => host.read(file) ?? '')
    .join('\n')
  const used = sources
    .split('\n')
    .filter((line) => !line.trimStart().startsWith('#'))
    .flatMap((line) => line.match(/https?:\/\/[^\s]+\/debian\/?(?=\s|$)/g) ?? [])
  return used[0] ?? 'http://deb.debian.org/debian'
}

/** @param {import('./host.mjs').Host} host @param {import('./progress.mjs').Task} task */
async function updateLists(host, task) {
  if (updated.has(host)) return
  // A failure is not fatal: one dead third-party source fails the whole update, and the lists may have what is needed.
  await host.exec('apt-get', ['update', ...PATIENT], { limitMs: LIMIT_MS, task, env: QUIET, finish: true })
  updated.add(host)
}

/**
 * @template T
 * @param {object} host
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
function inTurn(host, work) {
  const mine = (queue.get(host) ?? Promise.resolve()).then(work)
  // The next in line starts whether or not this one succeeded; its failure goes to its own caller.
  queue.set(
    host,
    mine.catch(() => {}),
  )
  return mine
}
