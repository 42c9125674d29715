/**
 * none: the control.
 *
 * Models: nothing. Everything must stay up, and every instrument must say so; the simplest fault to copy.
 * Heals by: nothing to heal.
 */
import { healOnce, type Fault } from './fault.ts'

export const none: Fault<'none'> = {
  kind: 'none',
  models: 'nothing: the control',
  doesNotModel: [],
  actsOn: 'nothing',
  unavailable: () => undefined,
  effect: () => ({}),
  async prepare(_order, { now }) {
    return {
      async inject() {
        const atMs = now()
        return { acts: 0, firstActMs: atMs, lastActMs: atMs, ...healOnce(async () => {}) }
      },
      async dispose() {},
    }
  },
}
