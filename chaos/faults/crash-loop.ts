/**
 * crash-loop: the target dies (SIGKILL), comes back, and dies again.
 *
 * Models: a release that crashes shortly after its start, under an orchestrator that starts it again and again.
 * Does not model: the back-off of orchestrators, whose pauses grow.
 * Heals by: starting the containers, for good.
 */
import { faultKind, namesOf } from './fault.ts'
import { phaseMs } from './options.ts'

export const crashLoop = faultKind({
  kind: 'crash-loop',
  summary: 'The target dies, comes back and dies again, over and over',
  models: 'the target dies, comes back, and dies again, until it is healed',
  doesNotModel: ['pauses that grow from crash to crash'],
  actsOn: 'nodes',
  options: {
    upMs: phaseMs.min(100).describe('How long the node runs before it dies again, in milliseconds'),
    downMs: phaseMs.min(1_000).describe('How long it then stays dead, in milliseconds'),
  },
  inWords: ({ upMs, downMs }, { length }) => `up for ${length(upMs)}, dead for ${length(downMs)}, over and over`,
  examples: [{ target: { scope: 'node', name: 'app-west-a' }, with: { upMs: 1_000, downMs: 2_000 } }],
  // Proved by the first crash.
  effect: ({ target }) => ({ gone: namesOf(target.nodes) }),
  lasting: ({ target }) => ({ unsettled: namesOf(target.nodes) }),
  prepare: ({ target, options }, { injectors }) => injectors.crash(target.nodes, options),
})
