/**
 * refuse: every proxy of the target's links is disabled.
 *
 * Models: a link whose far end rejects: existing connections are closed, new ones refused at once.
 * Does not model: silence, or the delay before a host is known to be unreachable.
 * Heals by: enabling the proxies again.
 */
import { bothWays, faultKind } from './fault.ts'

export const refuse = faultKind({
  kind: 'refuse',
  summary: 'Links close existing connections and refuse new ones',
  models: 'the links refuse: existing connections are closed, new ones refused at once',
  doesNotModel: ['silence: clients fail fast, where a cut wire would leave them waiting'],
  actsOn: 'links',
  examples: [{ target: { scope: 'region', name: 'primary' } }],
  effect: ({ target }) => ({ silent: bothWays(target.links) }),
  disables: () => true,
  prepare: ({ target }, { injectors }) => injectors.refuse(target.links),
})
