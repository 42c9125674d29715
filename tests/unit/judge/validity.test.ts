// Goal: no broken instrument goes unnoticed, and none is blamed for another's fault.
// Method: the met journal, changed in one place only; the verdict must name the check that was broken, and no other may
// be.
import { describe, expect, test } from 'vitest'
import { parseJournal } from '../../../chaos/journal/parse.ts'
import { isShuffledWrite } from '../../../chaos/journal/schedule.ts'
import { judge } from '../../../chaos/judge/judge.ts'
import type { ValidityCheck } from '../../../chaos/judge/verdict.ts'
import { journal, type Story } from '../../journals/build.ts'
import { lastWritesBeforeFault, met } from '../../journals/golden.ts'
import { databases } from '../../journals/world.ts'

interface Planted {
  defect: string
  breaks: ValidityCheck['name']
  in: () => Story
  says: RegExp
}

/** Of a system of one's own, with requests that its world file declares. */
const declared = (writes: (request: { n: number }) => boolean): Story =>
  met()
    .change('trial.opened', (event) => ({ ...event, clients: { enter: ['http://router:8080'], requests: [] } }))
    .requests((request) => ({ ...request, op: writes(request) ? 'write' : 'read' }))

const planted: Planted[] = [
  {
    defect: 'the trial was interrupted',
    breaks: 'journal-complete',
    says: /interrupted/,
    in: () => met().change('trial.closed', (event) => ({ ...event, reason: 'interrupted' })),
  },
  {
    defect: 'the trial was never closed',
    breaks: 'journal-complete',
    says: /not closed/,
    in: () => met().without('trial.closed'),
  },
  {
    defect: 'an instrument failed',
    breaks: 'instruments-worked',
    says: /beacon failed: no such host/,
    in: () => met().add(100, { kind: 'instrument.failed', instrument: 'beacon', reason: 'no such host' }),
  },

  {
    defect: 'the host was not watched',
    breaks: 'host-had-room',
    says: /the host was not observed/,
    in: () => late().without('host.sampled'),
  },
  {
    defect: 'the host was busy before the fault',
    breaks: 'host-had-room',
    says: /idle for only 10 % of its time before anything was broken \(at least 36 %\)/,
    in: () => late().change('host.sampled', (event) => ({ ...event, idleShare: event.atMs <= 5000 ? 0.1 : 0.5 })),
  },
  {
    defect: 'a neighbour came with the fault',
    breaks: 'host-had-room',
    says: /in 2 of the \d+ seconds that decide, the host needed 2\.0 times its best time/,
    in: () =>
      late().change('host.sampled', (event) => ({
        ...event,
        workMs: event.fromMs >= 5000 && event.fromMs < 7000 ? 1.4 : 0.7,
      })),
  },

  {
    defect: 'the event loop stood still',
    breaks: 'harness-not-starved',
    says: /was blocked for 400 ms/,
    in: () =>
      met().change('observer.summary', (event) => (event.observer === 'harness' ? { ...event, maxMs: 400 } : event)),
  },
  {
    defect: 'the event loop was slow all the time',
    breaks: 'harness-not-starved',
    says: /60 ms or more late/,
    in: () =>
      met().change('observer.summary', (event) => (event.observer === 'harness' ? { ...event, p95Ms: 60 } : event)),
  },
  {
    defect: 'the event loop has a long gap',
    breaks: 'harness-not-starved',
    says: /was blocked for 300 ms/,
    in: () =>
      met().add(500, {
        kind: 'observer.gap',
        observer: 'harness',
        subject: 'event loop',
        fromMs: 5200,
        toMs: 5500,
        reason: 'instrument: no sample was taken',
      }),
  },

  {
    defect: 'the clocks are apart',
    breaks: 'clocks-agree',
    says: /off by -30 ms/,
    in: () => met().change('load.clock', (event) => ({ ...event, offsetMs: -30 })),
  },
  {
    defect: 'the wall clock stepped',
    breaks: 'clocks-agree',
    says: /stepped by 8 ms/,
    in: () => met().change('load.clock', (event) => ({ ...event, stepMs: 8 })),
  },
  {
    defect: 'the clocks were not compared',
    breaks: 'clocks-agree',
    says: /not compared/,
    in: () => met().without('load.clock'),
  },
  {
    defect: "nobody could tell the load generator's time",
    breaks: 'clocks-agree',
    says: /not compared with the harness's: neither a beacon nor the engine told the time/,
    in: () => met().change('load.clock', ({ by: _by, ...event }) => ({ ...event, offsetMs: null, roundTripMs: null })),
  },
  {
    defect: 'an older harness wrote down 0 where nobody could be asked',
    breaks: 'clocks-agree',
    says: /not compared with the harness's: neither a beacon/,
    in: () => written(1).change('load.clock', (event) => ({ ...event, offsetMs: 0, roundTripMs: 0 })),
  },
  {
    defect: "the load generator's clock was 900 ms behind, and nobody compared",
    breaks: 'clocks-agree',
    says: /not compared/,
    in: () =>
      behind(900, () => true).change('load.clock', (event) => ({ ...event, offsetMs: null, roundTripMs: null })),
  },
  {
    defect: "the load generator's clock was 900 ms behind, whatever the readings say",
    breaks: 'clocks-agree',
    says: /recorded 902 ms or more after it ended: the clock of the load generator is behind the harness's/,
    in: () => behind(900, () => true),
  },
  {
    defect: 'that clock was set back in the middle, and forward again',
    breaks: 'clocks-agree',
    says: /from \+6\.703 s to \+10\.\d+ s every request was recorded 902 ms or more/,
    in: () => behind(900, ({ atMs }) => atMs >= 5000 && atMs < 10_000),
  },
  {
    defect: 'that clock was ahead for a moment',
    breaks: 'clocks-agree',
    says: /request 400 was recorded 58 ms before it ended: .* is ahead of the harness's/,
    in: () => behind(-60, ({ n }) => n === 400),
  },
  {
    defect: 'that clock moved, each reading for itself within its limit',
    breaks: 'clocks-agree',
    says: /moved against the harness's by 15 ms or more/,
    in: () => met().change('load.clock', (event) => ({ ...event, offsetMs: event.atMs < 9000 ? -8 : 8 })),
  },
  {
    defect: 'the wall clock stepped and stepped back between the beginning and the end',
    breaks: 'clocks-agree',
    says: /stepped by -900 ms/,
    in: () => met().change('load.clock', (event) => (event.atMs === 9400 ? { ...event, stepMs: -900 } : event)),
  },
  {
    defect: 'no comparison was good enough',
    breaks: 'clocks-agree',
    says: /only to within 150 ms \(limit 10 ms\)/,
    in: () => met().change('load.clock', (event) => ({ ...event, roundTripMs: 300 })),
  },
  {
    defect: 'the clocks were compared at the end only',
    breaks: 'clocks-agree',
    says: /the clock .* was not compared with the harness's from \+1\.000 s to \+18\.400 s/,
    in: () => met().change('load.clock', (event) => (event.atMs > 18_000 ? event : null)),
  },

  {
    defect: 'every request ended at 0',
    breaks: 'request-times-possible',
    says: /720 of 720 requests have times that are not possible: n 0 ended 1\.001 s before it started/,
    in: () => met().requests((request) => ({ ...request, endedMs: 0 })),
  },
  {
    defect: 'one request ended before it started',
    breaks: 'request-times-possible',
    says: /1 of 720 requests has a time that is not possible: n 500 ended 5 ms before it started/,
    in: () =>
      met().requests((request) => (request.n === 500 ? { ...request, endedMs: request.startedMs - 5 } : request)),
  },
  {
    defect: 'requests started before they were due',
    breaks: 'request-times-possible',
    says: /started 30 ms before it was due/,
    in: () => met().requests((request) => ({ ...request, startedMs: request.scheduledMs - 30 })),
  },
  {
    defect: 'the slow ones are recorded as due later',
    breaks: 'request-times-possible',
    says: /is recorded as due 50 ms after its place in the schedule/,
    in: () =>
      met().requests((request) =>
        request.n === 200
          ? {
              ...request,
              scheduledMs: request.scheduledMs + 50,
              startedMs: request.startedMs + 50,
              endedMs: request.endedMs + 50,
            }
          : request,
      ),
  },

  {
    defect: 'the load came up too late',
    breaks: 'load-reached-rate',
    says: /100 of 120 arrivals \(83\.3 %\)/,
    in: () =>
      met().requests((request) =>
        request.n >= 60 && request.n < 80
          ? { ...request, startedMs: request.scheduledMs + 900, endedMs: request.endedMs + 900 }
          : request,
      ),
  },
  {
    defect: 'requests started late',
    breaks: 'load-reached-rate',
    says: /started 60 ms or more after/,
    in: () =>
      met().requests((request) => ({ ...request, startedMs: request.scheduledMs + 60, endedMs: request.endedMs + 60 })),
  },
  {
    defect: 'the system was broken before the fault',
    breaks: 'load-reached-rate',
    says: /only 95 % of the requests succeeded before the fault/,
    in: () =>
      met().requests((request) =>
        request.n < 160 && request.n % 20 === 0 ? { ...request, outcome: 'rejected', status: 409 } : request,
      ),
  },
  {
    defect: 'neighbours changed places in the own load, which has an even order',
    breaks: 'load-reached-rate',
    says: /the writes are not spread over the requests as the load generator spreads them/,
    in: () => met().requests((request) => ({ ...request, op: isShuffledWrite(request.n, 0.5) ? 'write' : 'read' })),
  },
  {
    defect: 'two neighbours changed places that the load generator left where they are',
    breaks: 'load-reached-rate',
    says: /the writes are not spread over the requests as the load generator spreads them/,
    in: () => declared(({ n }) => isShuffledWrite(n < 2 ? 1 - n : n, 0.5)),
  },

  {
    defect: 'arrivals were dropped',
    breaks: 'no-dropped-arrivals',
    says: /dropped 3 arrivals/,
    in: () => met().change('load.ended', (event) => ({ ...event, dropped: 3 })),
  },
  {
    defect: 'the load generator crashed',
    breaks: 'no-dropped-arrivals',
    says: /exit status 107: script error/,
    in: () => met().change('load.ended', (event) => ({ ...event, exitCode: 107, reason: 'script error' })),
  },
  {
    defect: 'the load generator was not seen to start',
    breaks: 'no-dropped-arrivals',
    says: /not seen to start/,
    in: () => met().without('load.started'),
  },
  {
    defect: 'the load generator was not seen to end',
    breaks: 'no-dropped-arrivals',
    says: /not seen to end/,
    in: () => met().without('load.ended'),
  },
  {
    defect: 'a request was made and not recorded',
    breaks: 'no-dropped-arrivals',
    says: /720 requests were made and only 719 recorded/,
    in: () => met().requests((request) => (request.n === 331 ? null : request)),
  },
  {
    defect: 'an arrival number is missing',
    breaks: 'no-dropped-arrivals',
    says: /2 arrivals have no record \(n 331, 333\)/,
    in: () =>
      met()
        .requests((request) => (request.n === 331 || request.n === 333 ? null : request))
        .change('load.ended', (event) => ({ ...event, iterations: 718 })),
  },
  {
    defect: 'an arrival is recorded twice',
    breaks: 'no-dropped-arrivals',
    says: /arrival 331 is recorded twice/,
    in: () =>
      met().requests((request) =>
        request.n === 333
          ? {
              ...request,
              n: 331,
              scheduledMs: request.scheduledMs - 50,
              startedMs: request.startedMs - 50,
              endedMs: request.endedMs - 50,
            }
          : request,
      ),
  },
  {
    defect: 'the load stopped early',
    breaks: 'no-dropped-arrivals',
    says: /600 arrivals were made where 720 were planned \(40\/s for 18 s\)/,
    in: () =>
      met()
        .requests((request) => (request.n >= 600 ? null : request))
        .change('load.ended', (event) => ({ ...event, iterations: 600 })),
  },

  {
    defect: 'a standby was not streaming',
    breaks: 'replication-caught-up',
    says: /pg-west-a was catchup, not streaming from pg-east-a/,
    in: () => standby({ state: 'catchup' }),
  },
  {
    defect: 'a standby was not connected',
    breaks: 'replication-caught-up',
    says: /pg-west-a was not connected to pg-east-a/,
    in: () =>
      met().change('database.replication', (event) => ({
        ...event,
        standbys: event.standbys.filter(({ node }) => node !== 'pg-west-a'),
      })),
  },
  {
    defect: 'a standby was far behind',
    breaks: 'replication-caught-up',
    says: /pg-west-a was 50000000 bytes behind/,
    in: () => standby({ lagBytes: 50_000_000 }),
  },
  {
    defect: 'replication was asynchronous',
    breaks: 'replication-caught-up',
    says: /0 of 3 standbys were synchronous; 2 should/,
    in: () =>
      met().change('database.replication', (event) => ({
        ...event,
        standbys: event.standbys.map((one) => ({ ...one, sync: 'async' })),
      })),
  },
  {
    defect: 'replication was not observed',
    breaks: 'replication-caught-up',
    says: /not observed/,
    in: () => met().without('database.replication'),
  },

  {
    defect: 'the fault was not proved',
    breaks: 'fault-proved',
    says: /no observer confirmed it/,
    in: () => met().without('fault.proved'),
  },
  {
    defect: 'the fault was disproved',
    breaks: 'fault-proved',
    says: /pg-east-b still answers/,
    in: () => met().add(900, { kind: 'fault.unproved', faultId: 'fault-1', reason: 'pg-east-b still answers' }),
  },
  {
    defect: 'a planned fault was left out',
    breaks: 'fault-proved',
    says: /1 of 2 planned faults/,
    in: () =>
      met().change('trial.opened', (event) => ({
        ...event,
        scenario: { ...event.scenario, faults: [...event.scenario.faults, ...event.scenario.faults] },
      })),
  },

  {
    defect: 'the fault was proved by nobody',
    breaks: 'fault-proved',
    says: /recorded as proved, but without evidence/,
    in: () => met().change('fault.proved', (event) => ({ ...event, evidence: [] })),
  },
  {
    defect: 'the fault was proved when it was over',
    breaks: 'fault-proved',
    says: /only after its heal/,
    in: () => met().change('fault.proved', (event) => ({ ...event, atMs: event.atMs + 8000 })),
  },

  {
    defect: 'what was killed came back',
    breaks: 'fault-lasted',
    says: /kill region east did not last: pg-east-a answers again; the restart policy of pg-east-a is "unless-stopped", 512 ms after it was proved/,
    in: lapsed,
  },
  {
    defect: 'nobody looked whether the fault lasted',
    breaks: 'fault-lasted',
    says: /it was not checked whether kill region east lasted/,
    in: () => met().without('fault.lasted'),
  },
  {
    defect: 'nobody could look',
    breaks: 'fault-lasted',
    says: /it was not checked whether kill region east lasted \(\d+ things to check: pg-east-a,/,
    in: () => met().change('fault.lasted', (event) => ({ ...event, looks: 0, lastMs: null })),
  },
  {
    defect: 'nobody looked for the last seconds of it',
    breaks: 'fault-lasted',
    says: /from \+5\.150 s to \+11\.000 s/,
    in: () => met().change('fault.lasted', (event) => ({ ...event, looks: 1, lastMs: 5150 })),
  },

  {
    defect: 'a database was not observed',
    breaks: 'observers-without-gaps',
    says: /no observer watched pg-west-b/,
    in: () => met().change('observer.started', (event) => (event.subject === 'pg-west-b write' ? null : event)),
  },
  {
    defect: 'an observer was blind',
    breaks: 'observers-without-gaps',
    says: /the dcs observer of etcd-witness was blind for 600 ms: instrument/,
    in: () => gap('instrument: no sample was taken'),
  },
  {
    defect: 'an observer never reported',
    breaks: 'observers-without-gaps',
    says: /the dcs observer of etcd-west never reported/,
    in: () => met().change('observer.summary', (event) => (event.subject === 'etcd-west' ? null : event)),
  },

  {
    defect: 'one database was not read',
    breaks: 'every-database-read',
    says: /pg-west-a was not read/,
    in: () => met().change('audit.read', (event) => (event.node === 'pg-west-a' ? null : event)),
  },
  {
    defect: 'the databases were read too early',
    breaks: 'every-database-read',
    says: /before they had caught up/,
    in: () => met().change('redundant', (event) => ({ ...event, atMs: event.atMs + 400 })),
  },
]

/** The met journal as a harness of another version would have written it. */
function written(schemaVersion: number): Story {
  const story = met().change('trial.opened', (event) => ({ ...event, schemaVersion }))
  return schemaVersion < 2 ? story.without('fault.lasted') : story
}

/** The clock that stamps these requests is behind: they are heard of so much later than they say. */
function behind(ms: number, which: (request: { n: number; atMs: number }) => boolean): Story {
  return met().change('request', (event) => (which(event) ? { ...event, atMs: event.atMs + ms } : event))
}

function lapsed(): Story {
  return met()
    .without('fault.lasted')
    .add(700, {
      kind: 'fault.lapsed',
      faultId: 'fault-1',
      afterMs: 512,
      evidence: ['pg-east-a answers again', 'the restart policy of pg-east-a is "unless-stopped"'],
    })
}

/** Its promise is missed by 0.6 s: then it matters what the host was like. */
function late(): Story {
  return journal({ objectives: { recoverWithinMs: 3000 } })
    .fault('kill')
    .outage({ toMs: 3600 })
}

function standby(change: { state?: string; lagBytes?: number }): Story {
  return met().change('database.replication', (event) => ({
    ...event,
    standbys: event.standbys.map((one) => (one.node === 'pg-west-a' ? { ...one, ...change } : one)),
  }))
}

function gap(reason: string): Story {
  return met().add(3000, {
    kind: 'observer.gap',
    observer: 'dcs',
    subject: 'etcd-witness',
    fromMs: 7400,
    toMs: 8000,
    reason,
  })
}

const broken = (story: Story): string[] =>
  judge(story.build())
    .validity.filter((check) => !check.holds)
    .map((check) => check.name)

test('of declared requests, those write that the load generator lets write', () => {
  const verdict = judge(declared(({ n }) => isShuffledWrite(n, 0.5)).build())
  expect(verdict.verdict, verdict.summary).toBe('met')
})

test('the met journal breaks none', () => {
  expect(broken(met())).toEqual([])
})

test.for([
  ['router', {}, []],
  ['router', { 'port.stats': '9101' }, ['observers-without-gaps']],
  // An empty one says that there is no such key; journals without it are of a time when there always was one.
  ['dcs', { 'dcs.leader-key': '' }, []],
  ['dcs', {}, ['observers-without-gaps']],
] as const)('a %s that nobody observed matters if it can be asked: %o', ([role, attributes, names]) => {
  const router = { name: 'gateway', role, site: 'witness', ports: {}, attributes: { ...attributes } }
  const story = met().change('trial.opened', (event) => ({
    ...event,
    topology: { ...event.topology, nodes: [...event.topology.nodes, router] },
  }))
  expect(broken(story)).toEqual(names)
})

describe.each(planted)('$defect', ({ breaks, in: story, says }) => {
  test(`breaks ${breaks} and nothing else`, () => {
    const verdict = judge(story().build())
    expect(broken(story())).toEqual([breaks])
    expect(verdict.validity.find((check) => check.name === breaks)?.detail).toMatch(says)
    expect(verdict.verdict).toBe('inconclusive')
    expect(verdict.summary).toMatch(new RegExp(`^inconclusive, ${breaks}: `))
  })
})

describe('what a host may do', () => {
  const sampled = (change: (second: number) => { idleShare?: number; workMs?: number }) =>
    late().change('host.sampled', (event) => ({ ...event, ...change(event.fromMs / 1000) }))

  test("an overload after the fault is the system's, and judged", () => {
    expect(broken(sampled((second) => (second >= 5 ? { idleShare: 0 } : {})))).toEqual([])
  })
  test('what was met all the same stands', () => {
    expect(
      judge(
        met()
          .change('host.sampled', (event) => ({ ...event, idleShare: 0.01 }))
          .build(),
      ).verdict,
    ).toBe(judge(met().build()).verdict)
  })
  test('one slow second of five decides nothing', () => {
    expect(broken(sampled((second) => (second === 6 ? { workMs: 1.4 } : {})))).toEqual([])
  })
  test('nor do slow seconds after recovery, or before the fault', () => {
    expect(broken(sampled((second) => (second < 5 || second > 10 ? { workMs: 1.4 } : {})))).toEqual([])
  })
  // The fault at 5 s, an outage of 20 s; the host as quick as ever but for these seconds.
  const slowAt = (seconds: number[], workMs = 1.4) =>
    judge(
      journal({ observeMs: 30_000, objectives: { recoverWithinMs: 3000 } })
        .fault('kill')
        .outage({ toMs: 20_000, as: 'rejected' })
        .change('host.sampled', (event) => (seconds.includes(event.fromMs / 1000) ? { ...event, workMs } : event))
        .build(),
    ).verdict
  test('of a long outage the last ten seconds decide when it ends, and what the host did before does not', () => {
    expect(slowAt([20, 21, 22])).toBe('inconclusive')
    expect(slowAt([5, 6, 7, 8, 9, 10, 11])).toBe('missed')
  })
  test('a second that took a fifth longer is slow, and one that took a tenth longer is our own load', () => {
    expect(slowAt([20, 21, 22], 0.85)).toBe('inconclusive')
    expect(slowAt([20, 21, 22, 23, 24], 0.77)).toBe('missed')
  })
  test('time that went to others makes a second slow, as far as anything wanted to run', () => {
    // Half of the time that the processors had was idle; a tenth of all was stolen.
    const stolen = (stolenShare: number, idleShare = 0.5) =>
      judge(
        journal({ observeMs: 30_000, objectives: { recoverWithinMs: 3000 } })
          .fault('kill')
          .outage({ toMs: 20_000, as: 'rejected' })
          .change('host.sampled', (event) => (event.fromMs >= 18_000 ? { ...event, stolenShare, idleShare } : event))
          .build(),
      )
    expect(stolen(0.02).verdict).toBe('missed')
    expect(stolen(0.12).verdict).toBe('inconclusive')
    expect(stolen(0.12).summary).toContain(
      "in 7 of the 10 seconds that decide, the host of this virtual machine gave 12 % of the processors' time to others",
    )
    expect(stolen(0.12, 0).verdict).toBe('missed')
    expect(stolen(0.2, 0).verdict).toBe('inconclusive')
  })
  // One read fails at 30 s, long after clients were served again.
  const stray = (slow: (second: number) => boolean) =>
    judge(
      journal({ observeMs: 40_000, objectives: { recoverWithinMs: 3000, failedRequests: 0 } })
        .fault('kill')
        .change('request', (event) =>
          event.scheduledMs === 30_000
            ? { ...event, outcome: 'unknown', status: 504, endedMs: 33_000, atMs: 33_000 }
            : event,
        )
        .change('host.sampled', (event) => (slow(event.fromMs / 1000) ? { ...event, stolenShare: 0.4 } : event))
        .build(),
    )
  test('a request that fails later is decided by the seconds before its end', () => {
    expect(stray((second) => second >= 28 && second < 34).summary).toMatch(
      /^inconclusive, host-had-room: in [56] of the 10/,
    )
    expect(stray((second) => second < 20 || second >= 34)).toMatchObject({
      verdict: 'missed',
      summary: expect.stringMatching(
        /1 of \d+ requests failed from the fault on, first the (read|write) n \d+, due 25 s after the fault: status 504 from .* after 3 s$/,
      ) as string,
    })
  })
  test('where clients are not served again, the last ten seconds count', () => {
    const slow = (from: number) =>
      journal({ objectives: { recoverWithinMs: 3000 } })
        .fault('kill')
        .outage({ toMs: 14_000, as: 'rejected' })
        .change('host.sampled', (event) => (event.fromMs >= from ? { ...event, workMs: 1.4 } : event))
        .build()
    expect(judge(slow(14_000)).verdict).toBe('inconclusive')
    expect(judge(slow(17_000)).verdict).toBe('missed')
  })
})

describe('what breaks more than one check', () => {
  test('a heal that was not proved also leaves the audits in doubt', () => {
    const failed = met()
      .without('heal.proved')
      .add(7000, { kind: 'heal.failed', faultId: 'fault-1', reason: 'pg-east-a does not start' })
    expect(broken(failed)).toContain('heal-proved')
    expect(judge(failed.build()).summary).toBe(
      'inconclusive, heal-proved: kill region east was not seen to heal: pg-east-a does not start',
    )
  })

  test('no requests at all', () => {
    expect(judge(met().without('request').build())).toMatchObject({
      verdict: 'inconclusive',
      outcome: null,
      requests: null,
      failingMs: null,
      ackedWrites: null,
      phases: [],
    })
  })

  test.each([
    ['every request ended at 0', () => met().requests((request) => ({ ...request, endedMs: 0 }))],
    [
      'no request was due after the fault',
      () =>
        met()
          .requests((request) => (request.n < 160 ? request : null))
          .change('load.ended', (event) => ({ ...event, iterations: 160 })),
    ],
  ])('%s: nothing was measured, and none of it is shown as a number', (_, story) => {
    const verdict = judge(story().build())
    expect(verdict).toMatchObject({
      verdict: 'inconclusive',
      outcome: null,
      recoveredInMs: null,
      timeToFirstSuccessMs: null,
      failingMs: null,
      slowestRequestMs: null,
      requests: null,
      failedRequests: null,
      writes: null,
    })
    expect(verdict.summary).toMatch(/^inconclusive, request-times-possible: /)
  })

  test('no fault at all', () => {
    const calm = met().without('fault.requested').build()
    expect(judge(calm)).toMatchObject({
      verdict: 'inconclusive',
      outcome: null,
      recoveredInMs: null,
      phases: [],
      moments: { requestedMs: null },
    })
  })

  test('events that were lost on the way', () => {
    const lines = met().text().split('\n')
    const verdict = judge(parseJournal([...lines.slice(0, 40), ...lines.slice(41)].join('\n')))
    expect(verdict.summary).toBe('inconclusive, journal-complete: line 41 holds event 41 where 40 was expected')
  })
})

describe('what is no defect', () => {
  test('a gap that is the outage itself', () => {
    expect(broken(gap('subject: no answer'))).toEqual([])
  })

  test('a gap before the fault or after recovery', () => {
    const late = { kind: 'observer.gap', observer: 'dcs', subject: 'etcd-witness', reason: 'instrument: late' } as const
    expect(
      broken(
        met()
          .add(-400, { ...late, fromMs: 4000, toMs: 4600 })
          .add(9000, { ...late, fromMs: 13_000, toMs: 14_000 }),
      ),
    ).toEqual([])
  })

  test('exit status 99 of k6: our script has no thresholds that could be crossed', () => {
    expect(broken(met().change('load.ended', (event) => ({ ...event, exitCode: 99 })))).toEqual(['no-dropped-arrivals'])
  })

  test('asynchronous replication in a world whose label says so', () => {
    const label = (value: string) =>
      met()
        .change('database.replication', (event) => ({
          ...event,
          standbys: event.standbys.map((one) => ({ ...one, sync: 'async' })),
        }))
        .change('trial.opened', (event) => ({
          ...event,
          topology: {
            ...event.topology,
            nodes: event.topology.nodes.map((node) =>
              node.role === 'database' ? { ...node, attributes: { 'synchronous-standbys': value } } : node,
            ),
          },
        }))
    expect(broken(label('0'))).toEqual([])
    expect(broken(label('1'))).toEqual(['replication-caught-up'])
  })
})

describe('a miss in an invalid trial', () => {
  const unproved = (): Story => met().without('fault.proved')

  test('is inconclusive where the broken instrument may be the reason', () => {
    const late = unproved().outage({ toMs: 6000 }).build()
    const verdict = judge(late)
    expect(verdict.verdict).toBe('inconclusive')
    expect(verdict.objectives[0]?.message).toMatch(
      /^inconclusive "clients are served again within 5 s": fault-proved: .*measured all the same: recovered in 6 s; for up to \d.* no write was acknowledged$/,
    )
  })

  test('stands where acked writes are absent', () => {
    const lost = databases.reduce((story, node) => story.absent(node, lastWritesBeforeFault), unproved())
    expect(judge(lost.build()).verdict).toBe('missed')
    expect(judge(lost.build()).summary).toMatch(
      /^missed "no acknowledged write is lost": 3 writes .* \(the trial is also not valid: fault-proved: /,
    )
  })

  test('stands where two databases both committed', () => {
    const split = unproved().add(5000, {
      kind: 'database.writable',
      node: 'pg-west-b',
      accepting: true,
      timeline: 3,
      commitMs: 10_000,
      uncertaintyMs: 50,
    })
    expect(judge(split.build()).verdict).toBe('missed')
  })
})

describe('who was away when the heal was proved, in a trial whose databases were not read', () => {
  const role = (of: 'unreachable' | 'standby') =>
    ({ kind: 'database.role', node: 'pg-east-a', role: of, timeline: null, uncertaintyMs: 50 }) as const
  const away = () => met().without('audit.read').add(300, role('unreachable'))
  const said = (story: Story) => judge(story.build()).validity.find(({ name }) => name === 'heal-proved')?.detail

  test.each<[string, () => Story]>([
    ['an audit failed', () => away().add(15_900, { kind: 'audit.failed', node: 'pg-east-a', reason: 'no such table' })],
    ['nobody looked', away],
  ])('came back before the end: %s', (_, story) => {
    expect(said(story())).toMatch(/^pg-east-a was away from .* to the end$/)
    expect(said(story().add(7_600, role('standby')))).not.toContain('to the end')
  })
})
