// Goal: a stop in which every write waits breaks a promise, although clients are "not interrupted".
// Method: the planted stop lasts 1.8 s, which no window of recovery calls bad; then each objective at its own edge.
import { describe, expect, test } from 'vitest'
import type { Measured } from '../../../chaos/judge/finding.ts'
import { judge } from '../../../chaos/judge/judge.ts'
import { writeGap } from '../../../chaos/judge/objectives-gaps.ts'
import type { Objectives } from '../../../chaos/scenarios/schema.ts'
import { journal, type Story } from '../../journals/build.ts'

const window = { successShare: 0.99, p99Ms: 2000, stalledOverMs: 1000 }
const asking = (objectives: Partial<Objectives>): Story =>
  journal({ objectives: { window, ...objectives } }).fault('kill')
const stopped = (objectives: Partial<Objectives>): Story => asking(objectives).outage({ toMs: 1800, as: 'slow' })
const isWrite = ({ op }: { op: string }): boolean => op === 'write'
const result = (story: Story, name: string) => judge(story.build()).objectives.find((found) => found.name === name)

describe('planted: every write waits for 1.8 s', () => {
  test('passes all that was asked before', () => {
    expect(judge(stopped({ failedRequests: 0, slowestRequestMs: 2000 }).build())).toMatchObject({
      verdict: 'met',
      outcome: 'uninterrupted',
      failingMs: 0,
    })
  })

  test('breaks the write gap', () => {
    const verdict = judge(stopped({ writeGapMs: 1500 }).build())
    expect(verdict).toMatchObject({ verdict: 'missed', outcome: 'uninterrupted' })
    expect(verdict.summary).toBe(
      'missed "writes never go unacknowledged for longer than 1.5 s": no write was acknowledged for 1.841 s, from +4.964 s on',
    )
    expect(result(stopped({ writeGapMs: 1841 }), 'write-gap')).toMatchObject({ verdict: 'met', actual: 1841 })
    expect(result(stopped({ writeGapMs: 1840 }), 'write-gap')?.verdict).toBe('missed')
  })

  test('breaks the read gap', () => {
    expect(result(stopped({ readGapMs: 1500 }), 'read-gap')).toMatchObject({
      verdict: 'missed',
      actual: expect.closeTo(1820, -2),
      message: expect.stringMatching(
        /^missed "reads never go unanswered for longer than 1\.5 s": no read was answered for 1\.8\d+ s, from \+4\.\d+ s on$/,
      ),
    })
    const writesOnly = asking({ readGapMs: 100 }).outage({ toMs: 1800, as: 'slow', hits: isWrite })
    expect(result(writesOnly, 'read-gap')?.verdict).toBe('met')
  })

  test('breaks the stalled time', () => {
    expect(result(stopped({ stalledMs: 0 }), 'stalled')).toMatchObject({
      verdict: 'missed',
      actual: 805,
      message:
        'missed "no client ever waits for longer than 1 s": some client had waited for longer than 1 s during 805 ms',
    })
    expect(result(stopped({ stalledMs: 805 }), 'stalled')?.message).toBe(
      'met "clients wait for longer than 1 s during 805 ms at most": some client had waited for longer than 1 s during 805 ms',
    )
  })
})

describe('planted: writes stop, and the load ends before they go on', () => {
  const stillDown = (writeGapMs: number): Story =>
    asking({ writeGapMs }).outage({ fromMs: 10_000, toMs: 14_000, hits: isWrite })

  test('a gap that is too long already is missed', () => {
    expect(result(stillDown(4000), 'write-gap')).toMatchObject({
      verdict: 'missed',
      actual: 4035,
      message: expect.stringContaining(
        'no write was acknowledged for at least 4.035 s, from +14.965 s on: the stream ended',
      ),
    })
  })

  test('one that may yet become too long is inconclusive', () => {
    expect(result(stillDown(5000), 'write-gap')?.verdict).toBe('inconclusive')
  })

  test('one in which nobody waited is the end of the stream, not a stop', () => {
    const calmEnd = asking({ writeGapMs: 5000 }).requests((request) =>
      isWrite(request) && request.n > 710 ? { ...request, op: 'read' } : request,
    )
    expect(judge(calmEnd.build())).toMatchObject({ writeGapOpen: true })
    // That load has too few writes to be believed; what was measured is met.
    expect(result(calmEnd, 'write-gap')?.message).toMatch(
      /load-reached-rate.*measured all the same: .*: the stream ended, and no write was waiting$/,
    )
    const write = { lengthMs: 237, fromMs: 18_763, open: true, unanswered: false }
    expect(writeGap({ writeGapMs: 5000 } as Objectives, { gaps: { write } } as Measured)?.verdict).toBe('met')
  })
})

test('planted: writes hang when the load is told to stop, so none of them has a record', () => {
  const [stoppedMs, timeoutMs] = [19_000, 5000]
  const hanging = asking({ writeGapMs: 5000 })
    .requests((request) => (isWrite(request) && request.scheduledMs > stoppedMs - 4900 ? null : request))
    .change('trial.opened', (event) => ({
      ...event,
      byHand: true as const,
      scenario: { ...event.scenario, observeMs: 1, load: { ...event.scenario.load, timeoutMs } },
    }))
    .change('load.ended', (event) => ({
      ...event,
      exitCode: 105,
      stoppedMs,
      iterations: Number(event.iterations) - 98,
    }))
  expect(judge(hanging.build())).toMatchObject({ writeGapOpen: true })
  expect(result(hanging, 'write-gap')).toMatchObject({
    verdict: 'inconclusive',
    message: expect.stringMatching(/for at least 4\.8\d+ s, from \+14\.\d+ s on: the stream ended$/),
  })
})

test('where no write was acknowledged there is no gap, and nothing is met', () => {
  const story = asking({ writeGapMs: 5000 }).outage({ fromMs: -4000, toMs: 14_000, hits: isWrite })
  expect(result(story, 'write-gap')).toMatchObject({ verdict: 'inconclusive', actual: null })
})

test('without a fault nothing is measured', () => {
  const verdict = judge(journal({ objectives: { writeGapMs: 100, readGapMs: 100, stalledMs: 0 } }).build())
  for (const name of ['write-gap', 'read-gap', 'stalled'])
    expect(verdict.objectives.find((found) => found.name === name)).toMatchObject({
      verdict: 'inconclusive',
      actual: null,
    })
})
