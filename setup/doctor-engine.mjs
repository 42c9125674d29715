import { sharedStep } from './steps/shared.mjs'

/**
 * @typedef {import('./doctor.mjs').Check} Check
 * @typedef {import('./steps/room.mjs').EngineFacts} EngineFacts
 */

/**
 * A line for each thing that is unusual about the engine; none for the usual engine. A line is a problem only if
 * something does not work.
 * @param {import('./host/host.mjs').Host} host
 * @param {EngineFacts | undefined} facts
 * @param {{ hasImages: boolean }} seen
 * @returns {Promise<Check[]>}
 */
export async function unusualEngine(host, facts, { hasImages }) {
  if (facts === undefined) return []
  const lines = SETTINGS.filter(({ applies }) => applies(facts)).map(({ name, found, remedy = '' }) => ({
    name,
    ok: remedy === '',
    found,
    remedy,
  }))
  return facts.isHere ? lines : [...lines, await shared(host, facts, hasImages)]
}

/** @type {{ name: string, applies: (facts: EngineFacts) => boolean, found: string, remedy?: string }[]} */
const SETTINGS = [
  {
    name: 'rootless engine',
    applies: ({ security }) => security.includes('rootless'),
    found:
      'not tested by us; kills go through a helper container, and clients enter by its port driver, which adds to every latency',
  },
  {
    name: 'cpu-starve (cpu controller)',
    applies: ({ limitsProcessor }) => !limitsProcessor,
    found:
      "this engine cannot limit a node's share of the processor: faults of the kind cpu-starve cannot run, and a region that starts may take the whole processor",
    remedy:
      'delegate the cpu controller to the user of the engine: https://rootlesscontaine.rs/getting-started/common/cgroup2/',
  },
  {
    name: 'user namespaces',
    applies: ({ security }) => security.includes('userns'),
    found:
      "userns-remap is on, not tested by us; the helpers that enter the host's namespaces ask to be left out of it (userns_mode: host)",
  },
  {
    name: 'SELinux',
    applies: ({ security }) => security.includes('selinux'),
    found: 'containers are confined, not tested by us; what nodes mount of regions/ is labelled for them (:z)',
  },
]

/**
 * @param {import('./host/host.mjs').Host} host @param {EngineFacts} facts @param {boolean} hasImages @returns
 * {Promise<Check>}
 */
async function shared(host, facts, hasImages) {
  const name = "Blackstart's folder, as the engine sees it"
  const where = `the engine (${facts.system}) does not run on this machine's own system`
  if (!hasImages)
    return {
      name,
      ok: true,
      found: `${where}: the folder must be shared with it, which is tried once the images are there`,
      remedy: '',
    }
  const missing = await sharedStep(host).check()
  return missing === undefined
    ? { name, ok: true, found: `${where}, and sees it`, remedy: '' }
    : { name, ok: false, ...missing }
}
