/**
 * reset: Toxiproxy's `reset_peer` toxic on every proxy of the target's links.
 *
 * Models: a middlebox that lost its state, or one that kills connections: each is reset (RST), new ones as soon as they
 * are made.
 * Does not model: resets of some connections only, or of one end only.
 * Heals by: removing the toxics.
 */
import { bothWays, faultKind } from './fault.ts'

export const reset = faultKind({
  kind: 'reset',
  summary: 'Connections over the links are reset',
  models: 'every connection over the links is reset, new ones as soon as they are made',
  doesNotModel: [
    'a middlebox that resets only some connections, or only idle ones',
    'a refusal: the handshake succeeds before the reset comes',
  ],
  actsOn: 'links',
  examples: [{ target: { scope: 'link', sites: ['east', 'witness'] } }],
  effect: ({ target }) => ({ silent: bothWays(target.links) }),
  prepare: ({ target }, { injectors }) =>
    injectors.toxic(target.links, { type: 'reset_peer', attributes: { timeout: 0 } }),
})
