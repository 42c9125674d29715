/**
 * blackhole: every packet between the sites is dropped, in the link's own network namespace, in both directions.
 *
 * Models: a cut wire or a dead router. Nothing arrives, on existing and on new connections, and no error is returned.
 * Senders retransmit until they give up; what is still being retransmitted at the heal arrives then.
 * Does not model: routing that finds another path, or a path that loses only some packets.
 * Heals by: removing the fault's netfilter table.
 */
import { bothWays, faultKind } from './fault.ts'

export const blackhole = faultKind({
  kind: 'blackhole',
  summary: 'Packets on the links are dropped, both ways, on new and existing connections',
  models: 'every packet between the sites is dropped, on existing and on new connections, in both directions',
  doesNotModel: [
    'routing that finds another way, or a wire that loses only some packets',
    'a connection from end to end: the link relays it, and delivers after the heal what it had accepted before the cut',
  ],
  actsOn: 'links',
  examples: [{ target: { scope: 'region', name: 'primary' } }],
  effect: ({ target }) => ({ silent: bothWays(target.links) }),
  prepare: ({ target }, { injectors }) => injectors.cut(target.links),
})
