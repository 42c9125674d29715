// Goal: two databases that commit in the same instant are found, to the length of one commit; a clean take-over is not
// accused.
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { readJournal } from '../../../chaos/journal/read.ts'
import type { RequestEvent } from '../../../chaos/journal/requests.ts'
import type { EventBody } from '../../../chaos/journal/schema.ts'
import { judge } from '../../../chaos/judge/judge.ts'
import { met } from '../../journals/golden.ts'

type Edit = (request: RequestEvent) => RequestEvent

const writable = (node: string, commitMs: number, accepting = true): EventBody => ({
  kind: 'database.writable',
  node,
  accepting,
  timeline: 3,
  commitMs,
  uncertaintyMs: 50,
})

test('a take-over in order has one primary at a time', () => {
  expect(judge(met().build())).toMatchObject({ dualWritableMs: 0, dualWritable: [] })
})

test('a second primary is split brain from its first to its last commit', () => {
  const verdict = judge(
    met()
      .add(5000, writable('pg-west-b', 10_000))
      .add(5400, writable('pg-west-b', 10_350, false))
      .build(),
  )
  expect(verdict).toMatchObject({
    verdict: 'missed',
    dualWritableMs: 350,
    dualWritable: [{ nodes: ['pg-west-a', 'pg-west-b'], fromMs: 10_000, toMs: 10_350 }],
  })
})

test('where every member takes writes, two at once break no promise, and it is said that nobody asked', () => {
  const story = () =>
    met()
      .change('trial.opened', (event) => ({
        ...event,
        topology: {
          ...event.topology,
          nodes: event.topology.nodes.map((node) =>
            node.role === 'database'
              ? { ...node, attributes: { ...node.attributes, 'database.multi-primary': 'true' } }
              : node,
          ),
        },
      }))
      .add(5000, writable('pg-west-b', 10_000))
      .add(5400, writable('pg-west-b', 10_350, false))
  const { verdict, dualWritableMs, dualWritable, objectives } = judge(story().build())
  expect({ verdict, dualWritableMs, dualWritable }).toEqual({ verdict: 'met', dualWritableMs: null, dualWritable: [] })
  expect(objectives.map(({ name }) => name)).not.toContain('one-primary')
  expect(objectives.find(({ name }) => name === 'invariants-hold')?.message).toContain('each of them takes writes')
  const apart = story().change('audit.read', (event) =>
    event.node === 'pg-west-b' ? { ...event, writes: '1-3', rows: 3 } : event,
  )
  expect(judge(apart.build()), 'unless they disagree').toMatchObject({ verdict: 'missed', dualWritableMs: null })
})

test('a single commit beside the primary counts', () => {
  const verdict = judge(
    met()
      .add(5000, writable('pg-west-b', 10_000))
      .add(5050, writable('pg-west-b', 10_000, false))
      .build(),
  )
  expect(verdict).toMatchObject({ verdict: 'missed', dualWritableMs: 1 })
})

test('three primaries at once count their time once', () => {
  const verdict = judge(
    met()
      .add(5000, writable('pg-west-b', 10_000))
      .add(5000, writable('pg-east-b', 10_000))
      .add(5600, writable('pg-west-b', 10_500, false))
      .add(5600, writable('pg-east-b', 10_500, false))
      .build(),
  )
  expect(verdict.dualWritable).toHaveLength(3)
  expect(verdict.dualWritableMs).toBe(500)
})

test('a spell that never ends lasts until the end of the journal', () => {
  expect(judge(met().add(13_000, writable('pg-west-b', 18_000)).build()).dualWritableMs).toBe(21_100 - 18_000)
})

test('is not measured when a database was never asked', () => {
  const verdict = judge(
    met()
      .change('observer.started', (event) => (event.subject === 'pg-east-b write' ? null : event))
      .build(),
  )
  expect(verdict).toMatchObject({ verdict: 'inconclusive', dualWritableMs: null })
})

describe('what clients were told', () => {
  const byWest: Edit = (request) =>
    request.op === 'write' && request.outcome === 'acked' ? { ...request, database: 'pg-west-a' } : request
  const tell = (edit: Edit) =>
    met()
      .requests((request) =>
        request.op === 'write' && request.outcome === 'acked' && request.scheduledMs < 5000
          ? { ...request, database: 'pg-east-a' }
          : byWest(request),
      )
      .requests(edit)

  test('by one primary after the other is no second primary', () => {
    expect(judge(tell((request) => request).build())).toMatchObject({ verdict: 'met', dualWritableMs: 0 })
  })

  test('by the old primary while the new one commits is split brain, whatever the probes saw', () => {
    const verdict = judge(
      tell((request) =>
        request.op === 'write' && request.n >= 440 && request.n < 480 && request.n % 8 === 0
          ? { ...request, database: 'pg-east-a' }
          : request,
      ).build(),
    )
    expect(verdict.verdict).toBe('missed')
    expect(verdict.dualWritable).toEqual([{ nodes: ['pg-east-a', 'pg-west-a'], fromMs: 12_001, toMs: 12_813 }])
    expect(verdict.summary).toContain('pg-east-a and pg-west-a both committed writes from +12.001 s')
  })

  test('by a database that nobody saw accept writes makes the probes doubtful', () => {
    const verdict = judge(
      tell((request) =>
        request.op === 'write' && request.n < 100 ? { ...request, database: 'pg-east-b' } : request,
      ).build(),
    )
    expect(verdict).toMatchObject({ verdict: 'missed' })
    const blind = judge(
      tell((request) =>
        request.op === 'write' && request.scheduledMs > 6500 && request.scheduledMs < 7000
          ? { ...served(request), node: 'app-west-a', region: 'west', database: 'pg-west-b' }
          : request,
      ).build(),
    )
    expect(blind).toMatchObject({ verdict: 'inconclusive', dualWritableMs: null })
    expect(blind.summary).toMatch(
      /observers-without-gaps: pg-west-b acknowledged \d+ writes \(n \d+ at \+\d\.\d+ s\) at a time when no probe saw it accept writes/,
    )
  })
})

describe('that there was one is not said of databases', () => {
  const gap = (subject: string, fromMs: number, toMs: number, reason: string): EventBody => ({
    kind: 'observer.gap',
    observer: 'database',
    subject,
    fromMs,
    toMs,
    reason,
  })
  const refused = (story: ReturnType<typeof met>, why: RegExp) => {
    const verdict = judge(story.build())
    expect(verdict).toMatchObject({ verdict: 'inconclusive', dualWritableMs: null })
    expect(verdict.summary).toMatch(why)
  }
  const west = 'pg-west-b write'

  test('that nobody asked for some time after recovery', () => {
    refused(met().add(14_000, gap(west, 12_500, 19_000, 'instrument: no sample was taken')), /pg-west-b was not asked/)
  })

  test('that no fault concerns, and that are said to have been silent', () => {
    refused(met().add(14_000, gap(west, 12_500, 19_000, 'subject: slow to answer')), /no fault explains it/)
  })

  test('that were hit, and are said to have been silent after all was well again', () => {
    const early = met().change('redundant', (event) => ({ ...event, atMs: 12_000 }))
    refused(
      early.add(14_000, gap('pg-east-b write', 12_500, 19_000, 'subject: slow to answer')),
      /no fault explains it/,
    )
  })

  test('that are said to have been silent, and answered clients', () => {
    const story = met()
      .requests((request) =>
        request.op === 'write' && request.outcome === 'acked'
          ? { ...request, database: request.scheduledMs < 5000 ? 'pg-east-a' : 'pg-west-a' }
          : request,
      )
      .add(6000, gap('pg-west-a write', 9_500, 10_500, 'subject: slow to answer'))
    refused(story, /acknowledged writes of clients meanwhile/)
  })

  test('that commit again, and answer clients a moment before their observer, were silent themselves', () => {
    const story = met()
      .requests((request) =>
        request.op === 'write' && request.outcome === 'acked'
          ? {
              ...request,
              database: request.scheduledMs < 5000 ? 'pg-east-a' : 'pg-west-a',
              ...(request.endedMs > 9_900 && request.endedMs < 10_450 && { endedMs: 10_450 + (request.n % 7) }),
            }
          : request,
      )
      .add(6000, gap('pg-west-a write', 9_900, 10_500, 'subject: the probe write waits for its commit'))
    const { validity } = judge(story.build())
    expect(validity.filter(({ name, holds }) => name === 'observers-without-gaps' && !holds)).toEqual([])
  })

  test.each([
    ['once a second', { samples: 20, p50Ms: 1000, p95Ms: 1000, maxMs: 1001 }, /pg-west-b write was blind for 1.001 s/],
    ['never', { samples: 0, p50Ms: 0, p95Ms: 0, maxMs: 0 }, /reported 0 samples for 20.99 s/],
    ['for a part of the time', { samples: 100 }, /reported 100 samples for 20.99 s/],
    ['more often than there was time for', { samples: 4000 }, /4000 samples, more than fit/],
  ])('that were asked %s', (_, told, why) => {
    refused(
      met().change('observer.summary', (event) => (event.subject === west ? { ...event, ...told } : event)),
      why,
    )
  })

  test('that were asked once a second, as planned', () => {
    const told = { samples: 20, p50Ms: 1000, p95Ms: 1000, maxMs: 1001 }
    refused(
      met()
        .change('observer.started', (event) => (event.subject === west ? { ...event, intervalMs: 1000 } : event))
        .change('observer.summary', (event) => (event.subject === west ? { ...event, ...told } : event)),
      /pg-west-b was to be asked to commit only every 1 s/,
    )
  })

  test('whose observer stopped before the load did', () => {
    refused(
      met().change('observer.summary', (event) => (event.subject === west ? { ...event, atMs: 15_000 } : event)),
      /pg-west-b was asked to commit only until \+15\.000 s/,
    )
  })
})

test('an observer that was blind after recovery, while the old primary acknowledged writes', async () => {
  const verdict = judge(
    await readJournal(fileURLToPath(new URL('../../journals/split-unseen.ndjson', import.meta.url))),
  )
  expect(verdict.verdict).toBe('missed')
  expect(verdict.dualWritable).toEqual([{ nodes: ['pg-east-a', 'pg-west-a'], fromMs: 11_601, toMs: 18_815 }])
  expect(verdict.validity.find(({ name }) => name === 'observers-without-gaps')).toMatchObject({ holds: false })
})

/** An answer in place of an error. */
function served({ error: _, ...request }: RequestEvent): RequestEvent {
  return { ...request, outcome: 'acked', status: 200 }
}
