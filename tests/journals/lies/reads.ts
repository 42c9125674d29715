/** Lies about what reads showed. */
import type { EventOf } from '../../../chaos/journal/schema.ts'
import { all, change, changeOne, type Events, type Lie, lie, t0Ms } from './lie.ts'

type Request = EventOf<'request'>
const account = 7

/**
 * The same trial with answers that say versions: every write touches one account, and every read, of one session, shows
 * all that was acknowledged before it began. Both promises are asked for, and kept.
 */
export function withVersions(events: Events): Events {
  const acks = all(events, 'request')
    .filter(({ op, outcome }) => op === 'write' && outcome === 'acked')
    .toSorted((a, b) => a.endedMs - b.endedMs)
  const versionOf = new Map(acks.map(({ n }, index) => [n, index + 1]))
  const ended = acks.map(({ endedMs }) => endedMs)
  const shown = (startedMs: number): number => {
    const later = ended.findIndex((endedMs) => endedMs > startedMs)
    return later === -1 ? ended.length : later
  }
  const told = change(events, 'request', ({ n, op, outcome, startedMs }) =>
    outcome === 'acked'
      ? { session: 1, versions: [account, op === 'write' ? (versionOf.get(n) ?? 0) : shown(startedMs)] }
      : undefined,
  )
  return asking(told ?? events)
}

/** With both promises, which the scenario did not make. */
function asking(events: Events): Events {
  return (
    change(events, 'trial.opened', ({ scenario }) => ({
      scenario: { ...scenario, objectives: { ...scenario.objectives, staleReadMs: 0, monotonicReads: true } },
    })) ?? events
  )
}

/** A successful request in the middle of what counts. */
function some(events: Events, op: Request['op']): Request | undefined {
  const found = all(events, 'request').filter(
    (request) => request.op === op && request.outcome === 'acked' && request.startedMs > t0Ms(events),
  )
  return found[found.length >> 1]
}

const reads = ['stale-reads', 'monotonic-reads']

export const readLies: Lie[] = [
  lie('reads', 'promised of answers that say no versions', reads, (events) =>
    all(events, 'request').some(({ versions }) => versions !== undefined) ? undefined : asking(events),
  ),
  lie('reads', 'one read says no version', reads, (honest) => {
    const events = withVersions(honest)
    return changeOne(events, some(events, 'read'), () => ({ versions: undefined }))
  }),
  lie('reads', 'one write says no version', reads, (honest) => {
    const events = withVersions(honest)
    return changeOne(events, some(events, 'write'), () => ({ versions: undefined }))
  }),
  lie('reads', 'one read shows the state before an acknowledged write', 'stale-reads', (honest) => {
    const events = withVersions(honest)
    return changeOne(events, some(events, 'read'), ({ versions }) => ({
      versions: [account, (versions?.[1] ?? 1) - 1],
      session: 2,
    }))
  }),
  lie(
    'reads',
    'one read had seen what nobody acknowledged yet, and the next one had not',
    'monotonic-reads',
    (honest) => {
      const events = withVersions(honest)
      return changeOne(events, some(events, 'read'), ({ versions }) => ({
        versions: [account, (versions?.[1] ?? 0) + 9],
      }))
    },
  ),
  lie('reads', 'every read looks at an account that nobody wrote to', reads, (honest) =>
    change(withVersions(honest), 'request', ({ op, n, versions }) =>
      op === 'read' && versions !== undefined ? { versions: [10_000 + n, 0] } : undefined,
    ),
  ),
]
