/**
 * How long reading and judging a large journal takes, and how much memory: `node bench/judge.ts [requests]`.
 * Target: a million events in 3 s and 300 MB. Prints one line of JSON.
 */

import { execFileSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readJournal } from '../chaos/journal/read.ts'
import { type EventBody, schemaVersion } from '../chaos/journal/schema.ts'
import { judge } from '../chaos/judge/judge.ts'

const ratePerSecond = 500
const outageMs = 22_000

/**
 * A region lost in the middle of a long, steady load: every event that a real trial has, and requests with all their
 * fields.
 */
function writeJournal(path: string, requests: number): void {
  const fd = openSync(path, 'wx')
  const t0Ms = 1000 + (requests / 2 / ratePerSecond) * 1000
  let seq = 0
  let pending = ''
  const put = (atMs: number, body: EventBody): void => {
    pending += `${JSON.stringify({ seq: seq++, atMs, ...body })}\n`
    if (pending.length < 1 << 20) return
    writeSync(fd, pending)
    pending = ''
  }
  put(0, opened(requests))
  put(10, {
    kind: 'database.writable',
    node: 'pg-east-a',
    accepting: true,
    timeline: 1,
    commitMs: 10,
    uncertaintyMs: 50,
  })
  for (let n = 0; n < requests; n++) {
    const scheduledMs = 1000 + (n * 1000) / ratePerSecond
    if (n === requests / 2) put(t0Ms, faultRequested)
    const hit = scheduledMs >= t0Ms && scheduledMs < t0Ms + outageMs && n % 2 === 0
    const endedMs = scheduledMs + (hit ? 1500 : 8 + ((n * 7919) % 13_000) / 1000)
    put(endedMs + 3, {
      kind: 'request',
      n,
      op: n % 2 === 0 ? 'write' : 'read',
      scheduledMs,
      startedMs: scheduledMs + 0.125,
      endedMs,
      outcome: hit ? 'unknown' : 'acked',
      status: hit ? 0 : 200,
      ...(hit
        ? { error: 'timeout' }
        : { node: `app-west-${n % 3 ? 'a' : 'b'}`, region: 'west', database: 'pg-west-a' }),
    })
  }
  for (const node of databaseNames)
    put(t0Ms * 2, {
      kind: 'audit.read',
      node,
      rows: requests,
      writes: `0-${requests}`,
      duplicated: [],
      unexpected: [],
      invariants: [],
    })
  put(t0Ms * 2, { kind: 'trial.closed', reason: 'completed' })
  writeSync(fd, pending)
  closeSync(fd)
}

const databaseNames = ['pg-east-a', 'pg-east-b', 'pg-west-a', 'pg-west-b']
const faultRequested: EventBody = {
  kind: 'fault.requested',
  faultId: 'f1',
  fault: 'kill',
  target: { scope: 'region', name: 'east' },
  nodes: [],
  links: [],
  expectGone: { nodes: [], edges: [] },
  doesNotModel: [],
}

function opened(requests: number): EventBody {
  const lengthMs = (requests / ratePerSecond) * 1000
  return {
    kind: 'trial.opened',
    schemaVersion,
    trialId: 'bench',
    seed: 1,
    versions: {},
    wallStartMs: 0,
    host: { cores: 2, memoryBytes: 0, kernel: '', platform: '', engine: '' },
    harness: { version: '', commit: '', node: '' },
    topology: {
      world: 'bench',
      sites: [],
      links: [],
      timeouts: {},
      nodes: databaseNames.map((name) => ({ name, role: 'database' as const, site: '', ports: {}, attributes: {} })),
    },
    scenario: {
      name: 'bench',
      title: 'bench',
      tags: [],
      load: { ratePerSecond, writeShare: 0.5, timeoutMs: 10_000, maxVirtualUsers: 100 },
      steadyMs: lengthMs / 2,
      observeMs: lengthMs / 2,
      faults: [{ kind: 'kill', target: { scope: 'region', name: 'east' }, atMs: 0, forMs: 1000, resolve: 'start' }],
      objectives: {
        recoverWithinMs: 30_000,
        lostWrites: 0,
        onePrimary: true,
        window: { successShare: 0.99, p99Ms: 1000, stalledOverMs: 1000 },
      },
    },
  }
}

async function measure(path: string): Promise<void> {
  const startMs = performance.now()
  const journal = await readJournal(path)
  const readMs = performance.now() - startMs
  const verdict = judge(journal)
  const judgeMs = performance.now() - startMs - readMs
  const { user, system } = process.cpuUsage()
  console.log(
    JSON.stringify({
      requests: journal.requests.length,
      readMs: Math.round(readMs),
      judgeMs: Math.round(judgeMs),
      cpuMs: Math.round((user + system) / 1000),
      peakMegabytes: Math.round(process.resourceUsage().maxRSS / 1024),
      outcome: verdict.outcome,
      recoveredInMs: verdict.recoveredInMs,
    }),
  )
}

const [first = '1000000', file] = process.argv.slice(2)
if (first === '--measure' && file !== undefined) {
  await measure(file)
} else {
  const folder = mkdtempSync(join(tmpdir(), 'blackstart-bench-'))
  try {
    const path = join(folder, 'journal.ndjson')
    writeJournal(path, Number(first))
    // In a process of its own, so that building the file does not count.
    execFileSync(process.execPath, [import.meta.filename, '--measure', path], { stdio: 'inherit' })
  } finally {
    rmSync(folder, { recursive: true })
  }
}
