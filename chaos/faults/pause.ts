/**
 * pause: the cgroup freezer stops every process of the target between two instructions.
 *
 * Models: a machine that hangs (a hypervisor that stalls, a disk that never answers): alive to TCP, silent to everyone,
 * and back as if nothing had happened, with everything it had planned to do next.
 * Does not model: clocks that stop along (the host's go on), or a kernel that hangs: it still accepts connections and
 * acknowledges.
 * Heals by: thawing.
 */
import { findVictims } from './kill.ts'
import { onlyNodes } from './nodes.ts'
import { singleAct, type Fault } from './fault.ts'

export const pause: Fault<'pause'> = {
  kind: 'pause',
  models: 'every process of the target stands still (the cgroup freezer), and later goes on where it was',
  doesNotModel: [
    'a kernel that hangs along: connections are still accepted, and what arrives is acknowledged',
    'a clock that stops: time goes on for the paused',
  ],
  actsOn: 'nodes',
  unavailable: ({ target }) => onlyNodes('pause', target),
  effect: ({ target }) => ({ mute: target.nodes.map((node) => node.name) }),
  async prepare({ target }, context) {
    const victims = await findVictims(target.nodes, context)
    return singleAct({
      context,
      undo: { do: 'start-containers', containers: victims.map((victim) => victim.service) },
      async act() {
        await Promise.all(victims.map((victim) => victim.container.pause()))
        return victims.length
      },
    })
  },
}
