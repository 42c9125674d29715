/**
 * cpu-starve: the kernel gives each node of the target a small share of one core and no more (the cgroup's quota).
 *
 * Models: a noisy neighbour, a runaway sibling process, a machine that is far too small. The node answers, late.
 * Does not model: a scheduler that is unfair for moments only; caches that a neighbour empties.
 * Heals by: giving back the quota that it had.
 */
import { z } from 'zod'
import { claim, faultKind, namesOf } from './fault.ts'

export const cpuStarve = faultKind({
  kind: 'cpu-starve',
  summary: 'The target gets a fraction of a core',
  models: 'each node of the target gets a small share of one core and no more',
  doesNotModel: ['a scheduler that is unfair for moments only', 'caches and memory bandwidth that a neighbour takes'],
  actsOn: 'nodes',
  options: {
    cores: z.number().min(0.01).max(1).describe('Share of one core that each node of the target keeps, 0.01 to 1'),
  },
  inWords: ({ cores }) => `${cores} of one core is left to each node`,
  examples: [{ target: { scope: 'node', name: 'app-west-a' }, with: { cores: 0.01 } }],
  effect: ({ target }) => ({ unsettled: namesOf(target.nodes) }),
  claims: ({ target }, { probes }) =>
    target.nodes.map((node) => {
      let before: number | undefined
      return claim(async () => {
        const throttled = await probes.throttled(node)
        before ??= throttled
        const since = throttled - before
        return since > 0
          ? { holds: true, said: `the kernel held ${node.name} back ${since} times` }
          : { holds: false, said: `${node.name} was not held back yet` }
      })
    }),
  proofLimitMs: 10_000,
  prepare: ({ target, options }, { injectors }) => injectors.starve(target.nodes, options.cores),
})
