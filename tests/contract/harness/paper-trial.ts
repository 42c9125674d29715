/** What real components did, as a trial's journal: for a planted defect that needs no whole world to be caught. */
import { startClock } from '../../../chaos/journal/clock.ts'
import { recordedJournal } from '../../../chaos/journal/recorded.ts'
import { type EventBody, type JournalEvent, type Recorder, schemaVersion } from '../../../chaos/journal/schema.ts'
import { judge } from '../../../chaos/judge/judge.ts'
import type { Verdict } from '../../../chaos/judge/verdict.ts'
import type { Scenario } from '../../../chaos/scenarios/schema.ts'
import type { Topology } from '../../../chaos/topology/topology.ts'
import { scenarioOf } from '../../journals/world.ts'

export class PaperTrial {
  readonly trialId: string
  readonly #clock = startClock()
  readonly #events: { atMs: number; body: EventBody }[] = []

  constructor(trialId: string) {
    this.trialId = trialId
  }

  readonly now = (): number => this.#clock.nowMs()
  readonly record: Recorder = (body, atMs = this.now()) => void this.#events.push({ atMs, body })

  seen<K extends EventBody['kind']>(kind: K): Extract<EventBody, { kind: K }>[] {
    return this.#events
      .map(({ body }) => body)
      .filter((body): body is Extract<EventBody, { kind: K }> => body.kind === kind)
  }

  /** A request, from the moment that it was sent to its answer. */
  async ask(
    request: { n: number; op: 'write' | 'read' },
    send: () => Promise<{ status: number; headers: Headers }>,
  ): Promise<number> {
    const startedMs = this.now()
    const { status, headers } = await send()
    const endedMs = this.now()
    this.record({
      kind: 'request',
      ...request,
      scheduledMs: startedMs,
      startedMs,
      endedMs,
      status,
      outcome: status < 400 ? 'acked' : status < 500 ? 'rejected' : 'unknown',
      region: headers.get('x-blackstart-region') ?? 'east',
      ...(headers.has('x-blackstart-database') && { database: headers.get('x-blackstart-database') ?? '' }),
    })
    return status
  }

  /** The judge's word on what was recorded, or on those of the events that an instrument saw. */
  verdict(
    topology: Topology,
    objectives: Partial<Scenario['objectives']>,
    seen: (body: EventBody) => boolean = () => true,
  ): Verdict {
    const { wallStartMs } = this.#clock
    const events: JournalEvent[] = this.#events
      .filter(({ body }) => seen(body))
      .toSorted((a, b) => a.atMs - b.atMs)
      .map(({ atMs, body }, index) => ({ seq: index + 1, atMs, ...body }))
    const scenario = scenarioOf({
      name: 'planted',
      ratePerSecond: 1,
      writeEvery: 1,
      steadyMs: 1,
      observeMs: 1,
      objectives: { recoverWithinMs: undefined, lostWrites: undefined, onePrimary: undefined, ...objectives },
    })
    return judge(
      recordedJournal([
        {
          seq: 0,
          atMs: 0,
          kind: 'trial.opened',
          schemaVersion,
          trialId: this.trialId,
          seed: 1,
          scenario,
          topology,
          versions: {},
          host: { cores: 2, memoryBytes: 1, kernel: '', platform: '', engine: '' },
          harness: { version: '', commit: '', node: process.version },
          wallStartMs,
        },
        ...events,
      ]),
    )
  }
}

/** What the judge says of one objective, or of one check of the trial itself. */
export const objectiveOf = (verdict: Verdict, name: string) => verdict.objectives.find((each) => each.name === name)
export const checkOf = (verdict: Verdict, name: string) => verdict.validity.find((each) => each.name === name)

/** Everything that speaks against the trial: a paper trial is never whole, so the first of it says little. */
export const saidOf = ({ summary, validity }: Verdict): string =>
  [summary, ...validity.filter(({ holds }) => holds !== true).map(({ name, detail }) => `${name}: ${detail}`)].join(
    '\n',
  )
