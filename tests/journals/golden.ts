/** The golden journals: one trial for each thing that the judge must be able to tell apart. Names are file names. */
import { journal, type Story } from './build.ts'
import { asText, version3 } from './version-3.ts'

/** A region dies, its neighbour takes over in 3.9 s, clients are served again after 3.6 s to 4 s. */
export function met(): Story {
  return journal()
    .fault('kill')
    .takeOver({ detectedMs: 2900, electedMs: 3200, promotedMs: 3400, routedMs: 3550 })
    .outage({ toMs: 3600 })
}

/** A take-over so quick that the routers could hold every request. */
function uninterrupted(): Story {
  return journal()
    .fault('kill')
    .takeOver({ detectedMs: 300, electedMs: 420, promotedMs: 600, routedMs: 700 })
    .outage({ toMs: 750, as: 'slow' })
}

const writes = (request: { op: string }): boolean => request.op === 'write'
/** Arrival numbers of the last three writes that east answered before T0 (4 s of 40 requests a second). */
export const lastWritesBeforeFault = [148, 152, 156]

/** Round trips between east and everybody else. */
const cutOff = ['west', 'witness', 'edge'].flatMap((site) => [
  { from: 'east', to: site },
  { from: site, to: 'east' },
])
/** As k6 tells it: what it drops has no number, and what follows is numbered, and dated, as if nothing were missing. */
function blindLoad(): Story {
  let dropped = 0
  return met()
    .requests((request) => {
      const isDropped = request.n >= 170 && request.n < 290 && request.n % 3 === 0
      if (isDropped) dropped++
      return isDropped ? null : { ...request, n: request.n - dropped, scheduledMs: request.scheduledMs - dropped * 25 }
    })
    .change('load.ended', (event) => ({ ...event, dropped, iterations: Number(event.iterations) - dropped }))
}

export const golden: Record<string, () => string> = {
  met: () => asText(version3(met().terms().events())),

  'missed-recovery-time': () =>
    journal()
      .fault('kill')
      .takeOver({ detectedMs: 3400, electedMs: 4100, promotedMs: 5600, routedMs: 5900 })
      .outage({ toMs: 6100 })
      .text(),

  // Nobody takes over; writes fail to the end, reads go on. The old primary accepts writes when the load is over.
  censored: () =>
    journal()
      .fault('kill')
      .outage({ toMs: 14_000, hits: writes, as: 'rejected' })
      .add(15_000, {
        kind: 'database.writable',
        node: 'pg-east-a',
        accepting: true,
        timeline: 1,
        commitMs: 20_000,
        uncertaintyMs: 50,
      })
      .text(),

  uninterrupted: () => asText(version3(uninterrupted().terms().events())),

  // As a harness before version 3 wrote it.
  'met.version-2': () => met().text(),

  // As under asynchronous replication: what the old primary acked last reached nobody else, and is gone when it
  // rejoins.
  'lost-writes': () =>
    met()
      .absent('pg-east-a', lastWritesBeforeFault)
      .absent('pg-east-b', lastWritesBeforeFault)
      .absent('pg-west-a', lastWritesBeforeFault)
      .absent('pg-west-b', lastWritesBeforeFault)
      .text(),

  // The old primary, cut off and alive, goes on committing for 1.2 s after the new one began.
  'split-brain': () =>
    journal()
      .fault('blackhole', {
        told: {
          target: { scope: 'region', name: 'primary' },
          resolved: 'region east',
          nodes: [],
          links: ['link-east-west', 'link-east-witness', 'link-edge-east'],
          expectGone: { nodes: [], edges: cutOff },
        },
      })
      .takeOver({ detectedMs: 2900, electedMs: 3200, promotedMs: 3400, routedMs: 3550 })
      .outage({ toMs: 3600 })
      .change('database.writable', (event) =>
        event.node === 'pg-east-a' && !event.accepting ? { ...event, atMs: event.atMs + 4600, commitMs: 9600 } : event,
      )
      .text(),

  // The load generator ran out of virtual users while clients waited, and so never saw the worst of it.
  'blind-load': () => blindLoad().text(),

  'fault-unproved': () =>
    met()
      .change('fault.proved', () => null)
      .add(2000, { kind: 'fault.unproved', faultId: 'fault-1', reason: 'pg-east-b still answers after 2 s' })
      .text(),

  // The harness was killed in the middle of a write: the last line is torn.
  torn: () => met().text().slice(0, -40),

  'missing-audit': () =>
    met()
      .change('audit.read', (event) => (event.node === 'pg-west-b' ? null : event))
      .add(15_900, { kind: 'audit.failed', node: 'pg-west-b', reason: 'no answer within 30 s' })
      .text(),

  // The primary is starved for a while; the lease should have outlasted it, and did not.
  'primary-changed': () =>
    journal({ objectives: { samePrimary: true } })
      .disturb('cpu-starve', 'pg-east-a', { with: { cores: 0.05 } })
      .takeOver({ detectedMs: 2900, electedMs: 3200, promotedMs: 3400, routedMs: 3550 })
      .outage({ toMs: 3600 })
      .text(),

  // A slow link: 3 of 280 writes wait for 900 ms, which is one more than 99 of 100 allow.
  'slow-writes': () =>
    journal({ objectives: { writeP99Ms: 800 } })
      .disturb('slow', 'pg-west-a', {
        target: { scope: 'link', sites: ['primary', 'other'] },
        resolved: 'link east-west',
        with: { latencyMs: 80 },
        nodes: [],
        links: ['link-east-west'],
        disturbed: [],
      })
      .requests((request) =>
        [200, 300, 400].includes(request.n) ? { ...request, endedMs: request.scheduledMs + 900 } : request,
      )
      .text(),

  // Clients are served after 3.6 s, and hit again when the old region comes back.
  relapse: () => met().outage({ fromMs: 6200, toMs: 7000 }).text(),
}
