/**
 * kill: every process of the target dies at once, by SIGKILL.
 *
 * Models: loss of power to a machine, a zone or a region, as far as others can see: open connections are reset, new
 * ones refused.
 * Does not model: a network that goes silent instead of resetting; lost disk caches (the disk survives as it was);
 * links that die along (the far end of a link accepts a connection and closes it, where a dead router would not
 * answer).
 * Heals by: starting the containers again, with their data.
 *
 * The engine's own kill takes its containers one after the other, over a second for a region. SIGKILL to the host's
 * process ids takes milliseconds: directly where the harness is root on the engine's machine, else from a helper
 * container in the host's process namespace. Every process is signalled, not only the first of each container: that one
 * takes the others along, but only when the kernel gets to its end, and meanwhile a database would go on acknowledging.
 * A process that was sent SIGKILL runs no instruction of its own any more, so the last signal is the last act; that all
 * are really gone is checked after it.
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
