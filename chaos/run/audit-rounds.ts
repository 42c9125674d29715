/**
 * How often the databases are read. They are not read in the same instant, so that one may lack what another has just
 * been given. Where they disagree all are read again: what they disagree on twice is not on its way.
 */
import type { EventBody } from '../journal/schema.ts'

export type Reading = Extract<EventBody, { kind: 'audit.read' | 'audit.failed' }>

/** When a reading shows what is stored, in milliseconds of the trial's clock, to the microsecond. */
export function snapshotNow(nowMs: () => number): number {
  return Math.round(nowMs() * 1000) / 1000
}

/** A disagreement that lasts is found with the second round; the third is for a write that came during the second. */
const mostRounds = 3

/** Records every reading of every round. `pause`: as long as a write may be on its way. */
export async function readUntilAgreed({
  readAll,
  pause,
  record,
}: {
  readAll: () => Promise<readonly Reading[]>
  pause: () => Promise<void>
  record: (reading: Reading) => void
}): Promise<void> {
  for (let round = 1; ; round++) {
    const readings = await readAll()
    for (const reading of readings) record(reading)
    if (round === mostRounds || !disagree(readings)) return
    await pause()
  }
}

/** One that cannot be read now makes the trial inconclusive, whatever another round finds. */
function disagree(readings: readonly Reading[]): boolean {
  const lists = new Set(readings.map((reading) => (reading.kind === 'audit.read' ? reading.writes : undefined)))
  return lists.size > 1 && !lists.has(undefined)
}
