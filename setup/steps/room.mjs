import { join } from 'node:path'

export const GIB = 1024 ** 3
/** The reference world takes up to 1 GiB; the load generator, the harness and the builds need the rest. */
export const MEMORY_NEEDED = 4 * GIB
/** The kernel and the firmware keep some of a machine's memory: one of 4 GiB shows less. */
const MEMORY_SHOWN = 0.875 * MEMORY_NEEDED
/** All images and the layers of their builds take about 3 GiB. */
export const DISK_TO_BUILD = 4 * GIB
/** A long run's journals, and what the databases write. */
export const DISK_TO_RUN = 1 * GIB

/**
 * @typedef {object} EngineFacts
 * @property {number} memory in bytes, of the machine or virtual machine that the engine runs in
 * @property {number} cores
 * @property {string | undefined} folder where it keeps images, when that is on this machine
 * @property {string} cgroupDriver
 * @property {string} cgroupVersion
 * @property {boolean} isHere on this machine, not in a virtual machine of its own
 * @property {string} system what it runs on, e.g. "Docker Desktop"
 * @property {string[]} security its settings, e.g. "seccomp", "rootless", "userns", "selinux"
 * @property {boolean} limitsProcessor whether it can limit a container's share of the processor
 */

/**
 * @param {import('../host/host.mjs').Host} host
 * @returns {Promise<EngineFacts | undefined>} undefined when no engine tells
 */
export async function engineFacts(host) {
  const { code, stdout } = await host.exec('docker', ['info', '--format', '{{json .}}'], { limitMs: 10_000 })
  if (code !== 0) return undefined
  try {
    const info = JSON.parse(stdout)
    if (!info.MemTotal) return undefined
    const isHere =
      host.platform === 'linux' &&
      !/^Docker Desktop/.test(info.OperatingSystem ?? '') &&
      host.exists(info.DockerRootDir)
    /** @type {string[]} */
    const options = info.SecurityOptions ?? []
    return {
      memory: info.MemTotal,
      cores: info.NCPU,
      folder: isHere ? info.DockerRootDir : undefined,
      cgroupDriver: String(info.CgroupDriver),
      cgroupVersion: String(info.CgroupVersion),
      isHere,
      system: String(info.OperatingSystem ?? ''),
      security: options.flatMap((option) => option.match(/^name=([^,]+)/)?.[1] ?? []),
      limitsProcessor: info.CpuCfsQuota !== false,
    }
  } catch {
    return undefined
  }
}

/**
 * Stops before a build fills the disk, or a world too large for this machine makes every measurement worthless.
 * @param {import('../host/host.mjs').Host} host
 * @param {{ building: boolean }} options
 * @returns {import('../step.mjs').Step}
 */
export function roomStep(host, { building }) {
  return {
    name: 'room',
    async check() {
      const facts = await engineFacts(host)
      return (
        tooLittleMemory(facts?.memory) ??
        tooLittleDisk(host, facts?.folder, building ? DISK_TO_BUILD : DISK_TO_RUN) ??
        tooLittleDisk(host, host.work, DISK_TO_RUN)
      )
    },
  }
}

/**
 * @param {number | undefined} memory in bytes; if unknown, it is not checked
 * @returns {{ found: string, remedy: string } | undefined}
 */
export function tooLittleMemory(memory) {
  if (memory === undefined || memory >= MEMORY_SHOWN) return undefined
  return {
    found: `too little memory: the Docker engine has ${gib(memory)}, the world needs ${gib(MEMORY_NEEDED)}`,
    remedy: 'give it more (Docker Desktop: Settings, Resources), or use a larger machine',
  }
}

/**
 * @param {import('../host/host.mjs').Host} host
 * @param {string | undefined} folder
 * @param {number} needed in bytes
 * @returns {{ found: string, remedy: string } | undefined}
 */
export function tooLittleDisk(host, folder, needed) {
  const free = folder === undefined ? undefined : host.freeBytes(folder)
  if (free === undefined || free >= needed) return undefined
  return {
    found: `the disk is nearly full: ${gib(free)} free at ${folder}, ${gib(needed)} needed`,
    remedy:
      folder === host.work
        ? `free some, e.g. old runs in ${join(host.work, 'runs')}`
        : 'free some, e.g. docker builder prune, docker image prune',
  }
}

/** @param {number} bytes @returns {string} e.g. `3.0 GiB` */
export function gib(bytes) {
  return `${(bytes / GIB).toFixed(1)} GiB`
}
