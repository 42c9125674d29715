/**
 * none: the control.
 *
 * Models: nothing. Everything must stay up, and every instrument must show that. The simplest kind, and a good one to
 * copy.
 * Heals by: nothing to heal.
 */
import { faultKind } from './fault.ts'

export const none = faultKind({
  kind: 'none',
  summary: 'The control: nothing is broken, and everything must stay up',
  models: 'nothing: the control',
  doesNotModel: [],
  actsOn: 'anything',
  examples: [{ target: { scope: 'nothing' } }],
  effect: () => ({}),
  prepare: (_order, { injectors }) => injectors.nothing(),
})
