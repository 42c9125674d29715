import { findEngine } from './docker/engine.mjs'
import { unusualEngine } from './doctor-engine.mjs'
import { EnvironmentError } from './errors.mjs'
import { EXIT } from './exit-statuses.mjs'
import { thisMachine } from './host/host.mjs'
import { setUpCommand } from './needs.mjs'
import { PACKAGE_ROOT, workFolder } from './roots.mjs'
import { builderStep } from './steps/builder.mjs'
import { findCompose } from './steps/compose.mjs'
import { imageSteps } from './steps/images.mjs'
import { modulesStep } from './steps/modules.mjs'
import { nodeStep } from './steps/node.mjs'
import { passwordsStep } from './steps/passwords.mjs'
import { readableStep } from './steps/readable.mjs'
import {
  DISK_TO_BUILD,
  DISK_TO_RUN,
  engineFacts,
  GIB,
  gib,
  MEMORY_NEEDED,
  tooLittleDisk,
  tooLittleMemory,
} from './steps/room.mjs'
import { writableStep } from './steps/writable.mjs'

/** With less memory free than this, the machine would swap. */
const MEMORY_FREE = 2 * GIB
const CORES_NEEDED = 2

/**
 * @typedef {object} Check
 * @property {string} name
 * @property {boolean} ok
 * @property {string} found what was seen, as a sentence without a full stop
 * @property {string} remedy what to do about it; empty when ok
 */

/**
 * Checks everything that a world needs of this machine, and changes nothing. All checks run, also where one finds
 * something missing.
 * @param {import('./host/host.mjs').Host} [host]
 * @returns {Promise<Check[]>}
 */
export async function diagnose(
  host = thisMachine(PACKAGE_ROOT, new AbortController().signal, workFolder(process.env)),
  need = /** @type {import('./needs.mjs').Need} */ ('world'),
) {
  const engine = await findEngine(host)
  const answers = engine.state === 'ready' || engine.state === 'too-old'
  const facts = answers ? await engineFacts(host) : undefined
  const compose = await findCompose(host)
  const pictures = await images(host, { need, canAsk: answers && 'version' in compose })
  const set = setUpCommand(host)
  return [
    bad('node', await nodeStep(host).check()) ??
      good('node', `Node ${host.nodeVersion}${host.nodeVersion < '24' ? ', and Node 24 for this checkout' : ''}`),
    bad('npm packages', await modulesStep(host).check()) ??
      good('npm packages', host.isInstalled ? 'installed with Blackstart' : 'as package-lock.json asks for'),
    client(engine),
    engine.state === 'ready' ? good('docker engine', engine.found) : fail('docker engine', engine.found, engine.remedy),
    'version' in compose
      ? good('docker compose', `version ${compose.version}`)
      : fail('docker compose', compose.found, compose.remedy),
    memory(host, facts),
    bad('disk of the engine', tooLittleDisk(host, engineFolder(host, facts), DISK_TO_BUILD)) ??
      good('disk of the engine', freeAt(host, engineFolder(host, facts))),
    bad('disk of the runs', tooLittleDisk(host, host.work, DISK_TO_RUN)) ??
      good('disk of the runs', freeAt(host, host.work)),
    cores(facts?.cores ?? host.cores),
    bad('work folder', await writableStep(host).check()) ?? good('work folder', `${host.work}, writable for this user`),
    need === 'own-world'
      ? good('passwords', 'those that blackstart.yaml names: "npx blackstart adopt --check" looks for them')
      : (bad('passwords', doneBy(set, await passwordsStep(host).check())) ??
        good('passwords', 'all set, in .env or in the environment')),
    bad('files of the nodes', doneBy(set, await readableStep(host).check())) ??
      good('files of the nodes', 'readable for them'),
    pictures,
    ...(pictures.ok ? [] : [bad('image builder', await builderStep(host).check()) ?? []].flat()),
    freezer(host, facts),
    hostProcesses(host, facts),
    ...(await unusualEngine(host, facts, { hasImages: pictures.ok })),
  ]
}

/**
 * @param {Check[]} checks
 * @returns {number} 0 when all are well, else 3
 */
export function exitCodeOf(checks) {
  return checks.every((check) => check.ok) ? EXIT.met : EXIT.notReady
}

/** @param {import('./docker/engine.mjs').EngineFound} engine @returns {Check} */
function client(engine) {
  if (engine.state === 'no-client') return fail('docker client', engine.found, engine.remedy)
  return good('docker client', 'the command docker is installed')
}

/**
 * @param {import('./host/host.mjs').Host} host @param {import('./steps/room.mjs').EngineFacts | undefined} facts @returns {Check}
 */
function memory(host, facts) {
  const total = facts?.memory ?? host.totalMemory
  const lacking = bad('memory', tooLittleMemory(total))
  if (lacking) return lacking
  const available = availableMemory(host)
  if (available !== undefined && available < MEMORY_FREE)
    return fail(
      'memory',
      `${gib(total)} in all, but only ${gib(available)} of it free (${gib(MEMORY_FREE)} needed)`,
      'end other programs, or take down worlds that are still up: npx blackstart down',
    )
  return good(
    'memory',
    `${gib(total)}${available === undefined ? '' : `, ${gib(available)} free`}; a machine of ${gib(MEMORY_NEEDED)} is enough`,
  )
}

/** @param {import('./host/host.mjs').Host} host @returns {number | undefined} bytes that can be had without swapping */
function availableMemory(host) {
  const kib = host.read('/proc/meminfo')?.match(/^MemAvailable: *(\d+) kB/m)?.[1]
  return kib === undefined ? undefined : Number(kib) * 1024
}

/** @param {number} count @returns {Check} */
function cores(count) {
  if (count >= CORES_NEEDED) return good('cores', `${count}`)
  return fail(
    'cores',
    `${count} core, ${CORES_NEEDED} needed`,
    'use a larger machine: on this one the instruments starve, and trials come out inconclusive',
  )
}

/**
 * @param {import('./host/host.mjs').Host} host
 * @param {{ need: import('./needs.mjs').Need, canAsk: boolean }} options
 * @returns {Promise<Check>}
 */
async function images(host, { need, canAsk }) {
  const set = setUpCommand(host)
  if (!canAsk)
    return fail(
      'images',
      'not known while Docker or Compose is missing',
      `install Docker and Compose first; ${set} then downloads or builds the images`,
    )
  const { tools, own, upon } = imageSteps(host, need)
  try {
    const missing = (await Promise.all([tools.check(), own.check(), upon.check()])).filter(
      (found) => found !== undefined,
    )
    if (missing.length === 0) return good('images', 'all present, and built from the current sources')
    return fail('images', missing.map(({ found }) => found).join('; '), `${set} downloads or builds them`)
  } catch (error) {
    if (error instanceof EnvironmentError) return fail('images', error.message, error.remedy)
    return fail('images', error instanceof Error ? error.message : String(error), 'fix the file that is named')
  }
}

/**
 * @param {import('./host/host.mjs').Host} host @param {import('./steps/room.mjs').EngineFacts | undefined} facts @returns {Check}
 */
function freezer(host, facts) {
  if (facts === undefined)
    return fail('pause (cgroup freezer)', 'not known while no engine answers', 'make the engine work first')
  if (facts.cgroupDriver === 'none')
    return fail(
      'pause (cgroup freezer)',
      'this rootless engine manages no cgroups',
      'use an engine with cgroups: faults of the kind pause cannot run',
    )
  const frozenHere = facts.cgroupVersion === '2' || facts.folder === undefined || host.exists('/sys/fs/cgroup/freezer')
  if (frozenHere) return good('pause (cgroup freezer)', `cgroup version ${facts.cgroupVersion}`)
  return fail(
    'pause (cgroup freezer)',
    'this kernel has no cgroup freezer mounted',
    'mount -t cgroup -o freezer freezer /sys/fs/cgroup/freezer',
  )
}

/**
 * What set-up repairs by itself, the user need not do.
 * @param {string} set the command that does @param {import('./step.mjs').Missing | undefined} missing
 */
function doneBy(set, missing) {
  return missing?.fix === undefined ? missing : { ...missing, remedy: `${set} does it` }
}

/**
 * Only informs: if processes cannot be signalled from here, a helper container sends the signals, which is slower.
 * @param {import('./host/host.mjs').Host} host
 * @param {import('./steps/room.mjs').EngineFacts | undefined} facts
 * @returns {Check}
 */
function hostProcesses(host, facts) {
  const pid = host.read('/var/run/docker.pid')?.trim()
  const seen =
    facts?.isHere === true &&
    host.uid === 0 &&
    pid !== undefined &&
    host.read(`/proc/${pid}/comm`)?.trim() === 'dockerd'
  return good(
    'kill at once',
    seen
      ? "the containers' processes can be signalled from here"
      : "through a helper container in the engine's process namespace",
  )
}

/**
 * @param {import('./host/host.mjs').Host} host @param {import('./steps/room.mjs').EngineFacts | undefined} facts @returns {string
 * | undefined}
 */
function engineFolder(host, facts) {
  if (facts !== undefined) return facts.folder
  return ['/var/lib/docker', '/var/lib'].find((folder) => host.platform === 'linux' && host.exists(folder))
}

/** @param {import('./host/host.mjs').Host} host @param {string | undefined} folder @returns {string} */
function freeAt(host, folder) {
  const free = folder === undefined ? undefined : host.freeBytes(folder)
  return free === undefined ? "in the engine's own virtual machine" : `${gib(free)} free at ${folder}`
}

/** @param {string} name @param {{ found: string, remedy: string } | undefined} missing @returns {Check | undefined} */
function bad(name, missing) {
  return missing && fail(name, missing.found, missing.remedy)
}

/** @param {string} name @param {string} found @returns {Check} */
function good(name, found) {
  return { name, ok: true, found, remedy: '' }
}

/** @param {string} name @param {string} found @param {string} remedy @returns {Check} */
function fail(name, found, remedy) {
  return { name, ok: false, found, remedy }
}
