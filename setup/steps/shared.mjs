import { engineFacts } from './room.mjs'

/** The smallest of our images. */
const IMAGE = 'blackstart/helper'

/**
 * An engine may run in a virtual machine (Docker Desktop, colima, OrbStack), or outside of the container in which this
 * command runs. It sees only the folders that are shared with it, and mounts an empty one in place of any other. So one
 * of its containers is asked whether it sees the checkout.
 * @param {import('../host/host.mjs').Host} host
 * @returns {import('../step.mjs').Step}
 */
export function sharedStep(host) {
  return {
    name: 'shared-folder',
    async check() {
      const facts = await engineFacts(host)
      return facts === undefined || facts.isHere ? undefined : whatItSees(host)
    },
  }
}

/** @param {import('../host/host.mjs').Host} host @returns {Promise<{ found: string, remedy: string } | undefined>} */
async function whatItSees(host) {
  // CSV: a path may hold a comma.
  const mount = `type=bind,"src=${host.root.replaceAll('"', '""')}",dst=/checkout,readonly`
  const args = [
    'run',
    '--rm',
    '--network',
    'none',
    '--mount',
    mount,
    IMAGE,
    'test',
    '-f',
    '/checkout/docker-compose.yml',
  ]
  const { code, stderr } = await host.exec('docker', args, { limitMs: 60_000 })
  if (code === 0) return undefined
  const said = stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith("Run 'docker"))
    .at(-1)
  return {
    found: `the Docker engine does not see the folder of Blackstart (${host.root}${said ? `: ${said}` : ''}): it runs in a virtual machine, or this command runs in a container and the engine outside of it`,
    remedy:
      'share that folder with it (Docker Desktop: Settings, Resources, File sharing; colima: colima start --mount <folder>:w), or move it below your home folder',
  }
}
