/**
 * refuse: every proxy of the target's links is disabled.
 *
 * Models: a link whose far end rejects: existing connections are closed, new ones refused at once.
 * Does not model: silence, or the delay before a host is known to be unreachable.
 * Heals by: enabling the proxies again.
 */
import type { Fault } from './fault.ts'
import { bothWays, onlyLinks } from './links.ts'
import { switchedOn } from './switch.ts'
import { proxySwitch } from './toxiproxy.ts'

export const refuse: Fault<'refuse'> = {
  kind: 'refuse',
  models: 'the links refuse: existing connections are closed, new ones refused at once',
  doesNotModel: ['silence: clients fail fast, where a cut wire would leave them waiting'],
  actsOn: 'links',
  unavailable: ({ target }) => onlyLinks('refuse', target),
  effect: ({ target }) => ({ silent: bothWays(target.links) }),
  async prepare({ target }, context) {
    return switchedOn(await proxySwitch(target.links, context), context)
  },
}
