/** A load that was told to stop, as a drill does it. */
import type { RequestEvent } from '../../chaos/journal/requests.ts'
import type { JournalEvent } from '../../chaos/journal/schema.ts'
import { audited, numbersOf, unanswered } from '../journals/build.ts'

/** What was under way then has no record, but may be stored; what was due later was never sent. */
export function stopped(
  events: JournalEvent[],
  { atMs, timeoutMs }: { atMs: number; timeoutMs: number },
): JournalEvent[] {
  const patient = events.map((event) => (event.kind === 'request' ? givenUp(event, timeoutMs) : event))
  const requests = patient.filter((event) => event.kind === 'request')
  const recorded = requests.filter(({ endedMs }) => endedMs <= atMs)
  const sent = new Set(requests.filter(({ scheduledMs }) => scheduledMs < atMs).map(({ n }) => n))
  return patient
    .filter((event) => event.kind !== 'request' || event.endedMs <= atMs)
    .map((event): JournalEvent => {
      if (event.kind === 'trial.opened') {
        const { scenario } = event
        return { ...event, byHand: true, scenario: { ...scenario, load: { ...scenario.load, timeoutMs } } }
      }
      if (event.kind === 'load.ended') return { ...event, exitCode: 105, iterations: recorded.length, stoppedMs: atMs }
      if (event.kind !== 'audit.read') return event
      return audited(event, { numbers: numbersOf(event.writes).filter((n) => sent.has(n)) })
    })
    .map((event, seq) => ({ ...event, seq }))
}

/** No client waits for longer than this. */
function givenUp(request: RequestEvent, timeoutMs: number): RequestEvent {
  const endedMs = request.startedMs + timeoutMs
  return request.endedMs <= endedMs ? request : { ...unanswered(request), endedMs }
}
