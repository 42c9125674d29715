/**
 * flap: links that are cut and restored, again and again.
 *
 * Models: a loose plug, a route that comes and goes, a failover that cannot decide.
 * Does not model: phases of varying length.
 * Heals by: turning off what was turned on, in either phase.
 */
import { z } from 'zod'
import { bothWays, claim, faultKind } from './fault.ts'
import { phaseMs } from './options.ts'
import { cuttingKinds } from './reach.ts'

const eastWest = { scope: 'link', sites: ['east', 'west'] } as const
const phases = { downMs: 2_000, upMs: 2_000 }

export const flap = faultKind({
  kind: 'flap',
  summary: 'Links go down and up again, over and over',
  models: 'the links are cut and restored, again and again',
  doesNotModel: ['phases of varying length', 'what the kind in "of" does not model'],
  actsOn: 'links',
  options: {
    of: z.enum(cuttingKinds).describe('The kind that is switched on and off'),
    downMs: phaseMs.min(200).describe('Length of a down phase, in milliseconds'),
    upMs: phaseMs.min(100).describe('Length of an up phase, in milliseconds'),
  },
  inWords: ({ of, downMs, upMs }, { length }) => `${of} for ${length(downMs)}, up for ${length(upMs)}, over and over`,
  examples: cuttingKinds.map((of) => ({ target: { ...eastWest, sites: ['east', 'west'] }, with: { of, ...phases } })),
  // Proved by the first down phase; which phase it is in later does not matter.
  effect: ({ target, options }) =>
    isBrief(options) ? { loose: bothWays(target.links) } : { silent: bothWays(target.links) },
  // A phase that is too short for the link to count as silent is proved by how long nothing was heard.
  claims: ({ target, options }, { probes }) =>
    !isBrief(options)
      ? []
      : target.links.map((link) => {
          const longest = new Map<string, number>()
          return claim(async () => {
            for (const { from, to, ms } of await probes.silences(link)) {
              const way = `${from} to ${to}`
              longest.set(way, Math.max(longest.get(way) ?? 0, ms))
            }
            return {
              holds: [...longest.values()].every((ms) => ms >= 0.6 * options.downMs),
              said: `nothing was heard for ${[...longest].map(([way, ms]) => `${way} ${Math.round(ms)} ms`).join(', ')}`,
            }
          })
        }),
  lasting: ({ target }) => ({ loose: bothWays(target.links) }),
  disables: ({ of }) => of === 'refuse',
  prepare: ({ target, options }, { injectors }) => injectors.flap(target.links, options.of, options),
})

/**
 * Down for less time than it takes the beacons to agree that a link is silent (some 650 ms, see docs/measurements.md).
 */
function isBrief({ downMs }: { downMs: number }): boolean {
  return downMs < 1_000
}
