/**
 * hang: Toxiproxy's `timeout` toxic in both directions of every proxy of the target's links.
 *
 * Models: a link that goes silent. Bytes in flight and after are swallowed, on existing and on new connections.
 * Does not model: a packet-level partition. The link still accepts connections, so a client waits for an answer rather than for
 * a SYN-ACK; nothing is retransmitted, and healing closes every connection that hung.
 * Heals by: removing the toxics.
 */
import { healOnce, type Fault } from './fault.ts'
import { goneWithLinks, onEveryProxy, onlyLinks, proxiesOf } from './toxiproxy.ts'

export const hang: Fault = {
  kind: 'hang',
  models: 'the links go silent: connections are accepted, their bytes swallowed, in both directions',
  doesNotModel: [
    'packet loss: the link accepts connections, so clients wait for an answer and not for a handshake',
    'retransmission: what was swallowed never arrives, and the heal closes the connections that hung',
  ],
  unavailable: (target) => onlyLinks('hang', target),
  gone: goneWithLinks,
  async prepare(target, context) {
    const groups = await proxiesOf(target.links, context.topology)
    return {
      async inject(faultId) {
        await context.undo.write(faultId, { do: 'remove-toxics', links: target.links.map((link) => link.name) })
        const firstActMs = context.now()
        const proxies = await onEveryProxy(groups, 'silencing', (proxy) => Promise.all((['upstream', 'downstream'] as const).map((stream) =>
          proxy.addToxic({ name: `blackstart-${faultId}-${stream}`, type: 'timeout', stream, toxicity: 1, attributes: { timeout: 0 } }))))
        const lastActMs = context.now()
        return { acts: proxies * 2, firstActMs, lastActMs, ...healOnce(() => context.undo.undo(faultId)) }
      },
      async dispose() {},
    }
  },
}
