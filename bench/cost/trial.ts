/** A trial in which nothing is broken, run by the command line in a process of its own, as a user's is. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { EnvironmentError } from '../../chaos/errors.ts'
import { readJournal } from '../../chaos/journal/read.ts'
import type { Verdict } from '../../chaos/judge/verdict.ts'
import { readVerdict } from '../../chaos/run/folder.ts'
import { waitUntil } from '../../chaos/wait.ts'

const main = fileURLToPath(new URL('../../chaos/cli/main.ts', import.meta.url))
/** From the command to the first moment at which load and instruments have run for a while. */
const startLimitMs = 120_000
/** What the load goes on for after the cell, so that the cell ends within it. */
const spareMs = 4_000

export interface Trial {
  pid: number
  /** The folder of runs that it writes into. */
  runs: string
  /** Requests that began within the last `lengthMs` before `endWallMs`; and what the trial came to. */
  ended(cell: { endWallMs: number; lengthMs: number }): Promise<TrialResult>
}

export interface TrialResult {
  requests: number
  failed: number
  verdict: string
  slowestMs: number | null
  /** Between two samples of one observer, over the whole trial. */
  observers: Verdict['observers']
}

/** Starts it, and calls `work` when it has had steady load for five seconds. Leaves nothing behind. */
export async function withTrial<T>(
  { world, rate, cellMs }: { world: string; rate: number; cellMs: number },
  work: (trial: Trial) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'blackstart-cost-'))
  const file = join(folder, 'scenario.json')
  const lastingMs = cellMs + spareMs
  writeFileSync(
    file,
    JSON.stringify({
      name: 'cost',
      title: 'Nothing is broken while the cost is measured',
      load: { ratePerSecond: rate },
      faults: [{ kind: 'none', target: { scope: 'nothing' }, forMs: lastingMs }],
      observeMs: lastingMs,
      objectives: { failedRequests: 0, lostWrites: 0, onePrimary: true },
    }),
  )
  const child = spawn(process.execPath, [main, 'run', file, '--world', world, '--json'], {
    env: { ...process.env, BLACKSTART_RUNS: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said = { out: '', err: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.out += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.err += text
  })
  const closed = once(child, 'close')
  try {
    await untilSteady(join(folder, 'last', 'journal.ndjson'), () => {
      if (child.exitCode !== null || child.signalCode !== null)
        throw new EnvironmentError(`the trial at ${rate} requests/s ended before its load: ${said.err.slice(-1_000)}`)
    })
    return await work({
      pid: child.pid ?? 0,
      runs: folder,
      async ended(cell) {
        await closed
        return resultOf(join(folder, 'last'), cell)
      },
    })
  } finally {
    // It heals what it did, and takes its load away.
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGINT')
    await closed
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Until the fault, which is none, has acted: five seconds after the load's first arrival. */
async function untilSteady(journal: string, check: () => void): Promise<void> {
  await waitUntil(
    async () => {
      check()
      const text = existsSync(journal) ? readFileSync(journal, 'utf8') : ''
      return text.includes('"kind":"fault.acted"')
        ? { done: true, value: undefined }
        : { done: false, seen: `${text.length} characters in the journal` }
    },
    { until: 'the trial has steady load', limitMs: startLimitMs, everyMs: 200 },
  )
}

async function resultOf(
  run: string,
  { endWallMs, lengthMs }: { endWallMs: number; lengthMs: number },
): Promise<TrialResult> {
  const { opened, requests } = await readJournal(join(run, 'journal.ndjson'))
  const endMs = endWallMs - opened.wallStartMs
  const within = [...requests].filter(({ startedMs }) => startedMs >= endMs - lengthMs && startedMs < endMs)
  const acked = within.filter(({ outcome }) => outcome === 'acked')
  const judged = readVerdict(run)
  if (judged === undefined) throw new EnvironmentError(`the trial in ${run} has no verdict`)
  return {
    requests: within.length,
    failed: within.length - acked.length,
    verdict: judged.verdict,
    observers: judged.observers,
    slowestMs: acked.reduce<number | null>(
      (most, { scheduledMs, endedMs }) => Math.max(most ?? 0, endedMs - scheduledMs),
      null,
    ),
  }
}
