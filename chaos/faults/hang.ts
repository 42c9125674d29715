/**
 * hang: Toxiproxy's `timeout` toxic in both directions of every proxy of the target's links.
 *
 * Models: a link that goes silent. Bytes in flight and after are swallowed, on existing and on new connections.
 * Does not model: a packet-level partition. The link still accepts connections, so a client waits for an answer rather
 * than for a SYN-ACK; nothing is retransmitted, and healing closes every connection that hung.
 * Heals by: removing the toxics.
 */
import { bothWays, faultKind } from './fault.ts'
import type { Toxic } from './reach.ts'

export const swallow: Toxic = { type: 'timeout', attributes: { timeout: 0 } }

export const hang = faultKind({
  kind: 'hang',
  summary: 'Links accept connections and swallow bytes, both ways',
  models: 'the links go silent: connections are accepted, their bytes swallowed, in both directions',
  doesNotModel: [
    'packet loss: the link accepts connections, so clients wait for an answer and not for a handshake',
    'retransmission: what was lost never arrives, and the heal closes the connections that hung',
  ],
  actsOn: 'links',
  examples: [{ target: { scope: 'region', name: 'primary' } }],
  effect: ({ target }) => ({ silent: bothWays(target.links) }),
  prepare: ({ target }, { injectors }) => injectors.toxic(target.links, swallow),
})
