/**
 * cpu-starve: the kernel gives each node of the target a small share of one core and no more (the cgroup's quota).
 *
 * Models: a noisy neighbour, a runaway sibling process, a machine that is far too small. The node answers, late.
 * Does not model: a scheduler that is unfair for moments only; caches that a neighbour empties.
 * Heals by: giving back the quota that it had.
 */
import { EnvironmentError } from '../errors.ts'
import { within } from '../wait.ts'
import type { Claim, Fault } from './fault.ts'
import { singleAct } from './fault.ts'
import { findVictims, type Victim } from './kill.ts'
import { onlyNodes } from './nodes.ts'
import { starvedPeriodUs } from '../engine/resources.ts'

const limitMs = 5_000

export const cpuStarve: Fault<'cpu-starve'> = {
  kind: 'cpu-starve',
  models: 'each node of the target gets a small share of one core and no more',
  doesNotModel: ['a scheduler that is unfair for moments only', 'caches and memory bandwidth that a neighbour takes'],
  actsOn: 'nodes',
  unavailable: ({ target }) => onlyNodes('cpu-starve', target),
  effect: ({ target }) => ({ unsettled: target.nodes.map((node) => node.name) }),
  claims: ({ target }, context) =>
    target.nodes.map((node): Claim => {
      let before: number | undefined
      return {
        async look() {
          const [victim] = await findVictims([node], context)
          const throttled = await throttledPeriods(victim as Victim)
          before ??= throttled
          const since = throttled - before
          return since > 0
            ? { holds: true, evidence: `the kernel held ${node.name} back ${since} times` }
            : { holds: false, seen: `${node.name} was not held back yet` }
        },
      }
    }),
  proofLimitMs: 10_000,
  async prepare({ target, spec }, context) {
    const victims = await findVictims(target.nodes, context)
    const shares = await Promise.all(
      victims.map(async ({ service, container }) => {
        const { HostConfig } = await container.inspect()
        if (HostConfig.NanoCpus)
          throw new EnvironmentError(
            `${service} has a limit by "cpus" already, which the engine does not let us change: give it "cpu_quota" instead`,
          )
        return { service, quotaUs: HostConfig.CpuQuota ?? 0, periodUs: HostConfig.CpuPeriod ?? 0 }
      }),
    )
    return singleAct({
      context,
      undo: { do: 'restore-cpu', shares },
      async act() {
        const CpuQuota = Math.round(spec.with.cores * starvedPeriodUs)
        await Promise.all(
          victims.map(({ service, container }) =>
            within(limitMs, `starving ${service}`, container.update({ CpuPeriod: starvedPeriodUs, CpuQuota })),
          ),
        )
        return victims.length
      },
    })
  },
}

/** How often the kernel made the node wait since it started. */
async function throttledPeriods({ service, container }: Victim): Promise<number> {
  const stats = await within(
    limitMs,
    `asking for the statistics of ${service}`,
    container.stats({ stream: false, 'one-shot': true }),
  )
  return stats.cpu_stats.throttling_data.throttled_periods
}
