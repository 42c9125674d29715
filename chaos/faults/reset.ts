/**
 * reset: Toxiproxy's `reset_peer` toxic on every proxy of the target's links.
 *
 * Models: a middlebox that lost its state, or one that kills connections: each is reset (RST), new ones as soon as they
 * are made.
 * Does not model: resets of some connections only, or of one end only.
 * Heals by: removing the toxics.
 */
import type { Fault } from './fault.ts'
import { bothWays, onlyLinks } from './links.ts'
import { switchedOn } from './switch.ts'
import { toxicSwitch } from './toxiproxy.ts'

export const reset: Fault<'reset'> = {
  kind: 'reset',
  models: 'every connection over the links is reset, new ones as soon as they are made',
  doesNotModel: [
    'a middlebox that resets only some connections, or only idle ones',
    'a refusal: the handshake succeeds before the reset comes',
  ],
  actsOn: 'links',
  unavailable: ({ target }) => onlyLinks('reset', target),
  effect: ({ target }) => ({ silent: bothWays(target.links) }),
  async prepare({ target }, context) {
    return switchedOn(
      await toxicSwitch(target.links, context, { type: 'reset_peer', attributes: { timeout: 0 } }),
      context,
    )
  },
}
