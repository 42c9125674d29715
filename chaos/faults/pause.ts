/**
 * pause: the cgroup freezer stops every process of the target between two instructions.
 *
 * Models: a machine that hangs (a hypervisor that stalls, a disk that never answers): alive to TCP, silent to everyone,
 * and back as if nothing had happened, with everything it had planned to do next.
 * Does not model: clocks that stop too (the host's go on), or a kernel that hangs: this one still accepts connections
 * and acknowledges.
 * Heals by: thawing.
 */
import { faultKind, namesOf } from './fault.ts'

export const pause = faultKind({
  kind: 'pause',
  summary: "The target's processes stand still: alive to TCP, silent to clients",
  models: 'every process of the target stands still (the cgroup freezer), and later goes on where it was',
  doesNotModel: [
    'a kernel that hangs too: connections are still accepted, and what arrives is acknowledged',
    'a clock that stops: time goes on for paused processes',
  ],
  actsOn: 'nodes',
  examples: [{ target: { scope: 'region', name: 'primary' } }],
  effect: ({ target }) => ({ mute: namesOf(target.nodes) }),
  prepare: ({ target }, { injectors }) => injectors.freeze(target.nodes),
})
