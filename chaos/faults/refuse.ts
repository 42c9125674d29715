/**
 * refuse: every proxy of the target's links is disabled.
 *
 * Models: a link whose far end rejects: existing connections are closed, new ones refused at once.
 * Does not model: silence, or the delay before a host is known to be unreachable.
 * Heals by: enabling the proxies again.
 */
import { healOnce, type Fault } from './fault.ts'
import { goneWithLinks, onEveryProxy, onlyLinks, proxiesOf } from './toxiproxy.ts'

export const refuse: Fault = {
  kind: 'refuse',
  models: 'the links refuse: existing connections are closed, new ones refused at once',
  doesNotModel: ['silence: clients fail fast, where a cut wire would leave them waiting'],
  unavailable: (target) => onlyLinks('refuse', target),
  gone: goneWithLinks,
  async prepare(target, context) {
    const groups = await proxiesOf(target.links, context.topology)
    return {
      async inject(faultId) {
        await context.undo.write(faultId, { do: 'enable-proxies', links: target.links.map((link) => link.name) })
        const firstActMs = context.now()
        const acts = await onEveryProxy(groups, 'disabling', (proxy) => proxy.update({ enabled: false, listen: proxy.listen, upstream: proxy.upstream }))
        const lastActMs = context.now()
        return { acts, firstActMs, lastActMs, ...healOnce(() => context.undo.undo(faultId)) }
      },
      async dispose() {},
    }
  },
}
