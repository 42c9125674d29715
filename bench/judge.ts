/**
 * How long reading and judging a large journal takes, how much memory, and how large its report becomes:
 * `node bench/judge.ts [requests]`. Target: a million requests in 3 s and 300 MB, with a report of 2 MB. Prints one line
 * of JSON. `node bench/judge.ts --measure FILE` takes a journal that is there already.
 */

import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readJournal } from '../chaos/journal/read.ts'
import { judge } from '../chaos/judge/judge.ts'
import { renderReport } from '../chaos/report/html.ts'
import { writeLargeJournal } from './large-journal.ts'

async function measure(path: string): Promise<void> {
  const startMs = performance.now()
  const started = process.cpuUsage()
  const journal = await readJournal(path)
  const readMs = performance.now() - startMs
  const read = process.cpuUsage(started)
  const verdict = judge(journal)
  const judgeMs = performance.now() - startMs - readMs
  const both = process.cpuUsage(started)
  const peakMegabytes = Math.round(process.resourceUsage().maxRSS / 1024)
  const report = renderReport({ journal, verdict })
  console.log(
    JSON.stringify({
      requests: journal.requests.length,
      seconds: Number(((readMs + judgeMs) / 1000).toFixed(2)),
      readMs: Math.round(readMs),
      judgeMs: Math.round(judgeMs),
      // On a shared host only these say something. Start-up is not in them.
      readCpuMs: cpuMs(read),
      judgeCpuMs: cpuMs(both) - cpuMs(read),
      peakMegabytes,
      peakWithReportMegabytes: Math.round(process.resourceUsage().maxRSS / 1024),
      reportBytes: Buffer.byteLength(report),
      verdict: verdict.verdict,
      recoveredInMs: verdict.recoveredInMs,
      lostWrites: verdict.lostWrites,
    }),
  )
}

function cpuMs({ user, system }: NodeJS.CpuUsage): number {
  return Math.round((user + system) / 1000)
}

const [first = '1000000', file] = process.argv.slice(2)
if (first === '--measure' && file !== undefined) {
  await measure(file)
} else if (first === '--write' && file !== undefined) {
  writeLargeJournal(file, 1_000_000)
} else {
  const folder = mkdtempSync(join(tmpdir(), 'blackstart-bench-'))
  try {
    const path = join(folder, 'journal.ndjson')
    writeLargeJournal(path, Number(first))
    // In a process of its own, so that building the file does not count.
    execFileSync(process.execPath, [import.meta.filename, '--measure', path], { stdio: 'inherit' })
  } finally {
    rmSync(folder, { recursive: true })
  }
}
