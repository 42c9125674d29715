/** Limits the processor time of a node by a quota of its control group, and removes the limit again. */
import { allDone } from '../../all-done.ts'
import { EnvironmentError } from '../../errors.ts'
import { within } from '../../wait.ts'
import { type CpuShare, isNode, type LimitProcessor } from '../engine.ts'
import { type Daemon, findOne, findRunning, type Running } from './daemon.ts'

/** The period of Blackstart's quotas, in microseconds: an unusual value, so it shows which quotas are Blackstart's. */
const starvedPeriodUs = 99_991
const usualPeriodUs = 100_000
const limitMs = 5_000

export function limitProcessorOf(daemon: Daemon): LimitProcessor {
  return {
    async ready(world, services) {
      const victims = await findRunning(daemon, world, services)
      return {
        shares: await Promise.all(victims.map(shareOf)),
        async limit({ cores }) {
          const CpuQuota = Math.round(cores * starvedPeriodUs)
          await Promise.all(
            victims.map(({ service, container }) =>
              within(limitMs, `starving ${service}`, container.update({ CpuPeriod: starvedPeriodUs, CpuQuota })),
            ),
          )
        },
      }
    },
    async throttledPeriods(world, service) {
      const { container } = await findOne(daemon, world, service)
      const stats = await within(
        limitMs,
        `asking for the statistics of ${service}`,
        container.stats({ stream: false, 'one-shot': true }),
      )
      return stats.cpu_stats.throttling_data.throttled_periods
    },
    limited: (world, before) => starved(daemon, world, before),
    restore: (world, shares) => restoreCpu(daemon, world, shares),
  }
}

async function shareOf({ service, container }: Running): Promise<CpuShare> {
  const { HostConfig } = await container.inspect()
  if (HostConfig.NanoCpus)
    throw new EnvironmentError(
      `${service} has a limit by "cpus" already, which the engine does not let us change: give it "cpu_quota" instead`,
    )
  return { service, quotaUs: HostConfig.CpuQuota ?? 0, periodUs: HostConfig.CpuPeriod ?? 0 }
}

async function restoreCpu(daemon: Daemon, world: string, shares: CpuShare[]): Promise<string[]> {
  const found = await daemon.containers(world)
  const known = shares.flatMap((share) =>
    found.filter(({ service }) => service === share.service).map(({ id }) => ({ ...share, id })),
  )
  const results = await Promise.allSettled(
    known.map(async ({ id, service, quotaUs, periodUs }) => {
      // To the engine zero means "unchanged", and −1 "none".
      await within(
        limitMs,
        `removing the processor limit of ${service}`,
        daemon.docker.getContainer(id).update({ CpuQuota: quotaUs || -1, CpuPeriod: periodUs || usualPeriodUs }),
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

/** The nodes with a quota of Blackstart's, with the quota that they had before: by the ledger, else none. */
async function starved(daemon: Daemon, world: string, before: CpuShare[]): Promise<CpuShare[]> {
  const nodes = (await daemon.containers(world)).filter(isNode)
  const looks = await Promise.all(
    nodes.map(async ({ id, service }) => {
      const { HostConfig } = await within(limitMs, `inspecting ${service}`, daemon.docker.getContainer(id).inspect())
      if (HostConfig.CpuPeriod !== starvedPeriodUs) return undefined
      return before.find((share) => share.service === service) ?? { service, quotaUs: 0, periodUs: 0 }
    }),
  )
  return looks.filter((share) => share !== undefined)
}
