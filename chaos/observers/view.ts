/**
 * What the observers show at this moment, kept from the journal's own events, so that proof and evidence cannot differ.
 */
import { SystemState } from '../journal/system.ts'

export class View extends SystemState {
  /** The node that accepts writes, or says it is primary, right now. */
  primary(): string | undefined {
    const entries = [...this.databases]
    return (entries.find(([, state]) => state.accepting) ?? entries.find(([, state]) => state.role === 'primary'))?.[0]
  }
}
