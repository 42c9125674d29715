/**
 * kill: every process of the target dies at once, by SIGKILL.
 *
 * Models: loss of power to a machine, a zone or a region, as far as others can see: open connections are reset, new
 * ones refused.
 * Does not model: a network that goes silent instead of resetting; lost disk caches (what was written is still there
 * after the restart); links that die together with the target (the far end of a link accepts a connection and closes
 * it, where a dead router would not answer).
 * Heals by: starting the containers again, with their data.
 *
 * How an engine kills all processes at the same time, and why it signals each of them, is described in
 * chaos/engine/docker/kill.ts.
 */
import { faultKind, namesOf } from './fault.ts'

export const kill = faultKind({
  kind: 'kill',
  summary: 'Every process of the target dies at once',
  models: 'every process of the target dies at once (SIGKILL)',
  doesNotModel: [
    'silence: peers of a killed node see resets, so they notice sooner than on a cut wire',
    'a lost disk cache: what was written, synced or not, is there after the restart',
    'dead links: the link into a killed region still accepts a connection before it closes it',
  ],
  actsOn: 'nodes',
  examples: [{ target: { scope: 'region', name: 'other' } }],
  effect: ({ target }) => ({ gone: namesOf(target.nodes) }),
  prepare: ({ target }, { injectors }) => injectors.kill(target.nodes),
})
