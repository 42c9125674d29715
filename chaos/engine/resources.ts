/** What a node has of the machine, the processor and its disk, given back. */

import { allDone } from '../all-done.ts'
import { within } from '../wait.ts'
import type { Container, Engine } from './docker.ts'
import { execIn, inShell } from './exec.ts'

/** The file that fills a disk. */
export const balloon = '.blackstart-balloon'
/** The period of a quota of ours, in microseconds: nobody else would choose it, so it marks whom we starve. */
export const starvedPeriodUs = 99_991
const usualPeriodUs = 100_000
const limitMs = 5_000

export interface CpuShare {
  service: string
  quotaUs: number
  periodUs: number
}

/**
 * Gives nodes the quota of processor time that they had; of those that are gone, nothing is left to restore. Returns
 * their names.
 */
export async function restoreCpu(engine: Engine, world: string, shares: CpuShare[]): Promise<string[]> {
  const containers = await engine.containers(world)
  const known = shares.flatMap((share) =>
    containers.filter(({ service }) => service === share.service).map(({ id }) => ({ ...share, id })),
  )
  const results = await Promise.allSettled(
    known.map(async ({ id, service, quotaUs, periodUs }) => {
      // Zero means "as it is" to the engine, and −1 "none".
      await within(
        limitMs,
        `giving ${service} its processor back`,
        engine.docker.getContainer(id).update({ CpuQuota: quotaUs || -1, CpuPeriod: periodUs || usualPeriodUs }),
      )
      return service
    }),
  )
  return allDone(
    'restoring',
    results,
    known.map((share) => share.service),
  )
}

/** Whoever has a quota by our mark, with what they had before: by the ledger, else none. */
export async function starved(engine: Engine, containers: Container[], before: CpuShare[]): Promise<CpuShare[]> {
  const looks = await Promise.all(
    containers.map(async ({ id, service }) => {
      const { HostConfig } = await within(limitMs, `inspecting ${service}`, engine.docker.getContainer(id).inspect())
      if (HostConfig.CpuPeriod !== starvedPeriodUs) return undefined
      return before.find((share) => share.service === service) ?? { service, quotaUs: 0, periodUs: 0 }
    }),
  )
  return looks.filter((share) => share !== undefined)
}

/** Removes the files that fill disks. Returns the names of the nodes that had one. */
export async function removeBalloons(
  engine: Engine,
  world: string,
  disks: { service: string; path: string }[],
): Promise<string[]> {
  const containers = (await engine.containers(world)).filter(({ state }) => state === 'running')
  const known = disks.flatMap((disk) =>
    containers.filter(({ service }) => service === disk.service).map(({ id }) => ({ ...disk, id })),
  )
  const results = await Promise.allSettled(
    known.map(async ({ id, service, path }) => {
      const said = await execIn(
        engine,
        engine.docker.getContainer(id),
        inShell('test ! -e "$1" || { rm -f -- "$1" && echo removed; }', `${path}/${balloon}`),
        { user: 'root' },
      )
      return said.includes('removed') ? [service] : []
    }),
  )
  return allDone(
    'emptying the disk of',
    results,
    known.map(({ service }) => service),
  ).flat()
}
